using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class ModelRegistryRollBackTests : IDisposable
{
    private readonly Registries _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Rolling_back_makes_the_parent_current_for_good()
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);

        Assert.Equal(first.Id, registry.RollBack("worse in practice").Id);
        var again = _files.Open();
        Assert.Equal(first.Id, again.Current.Id);
        Assert.False(again.Find(second.Id)!.Accepted);

        // What was rolled back is not what a damaged pointer falls back on.
        File.Delete(Path.Combine(_files.Root, "current.json"));
        Assert.Equal(first.Id, _files.Open().Current.Id);
    }

    [Fact]
    public void A_version_that_is_rolled_back_long_after_newer_ones_were_refused_is_marked_and_kept_for_who_wants_it_back()
    {
        var registry = _files.Open(keep: 2);
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);
        for (int slant = 3; slant < 6; slant++)
            registry.Commit(TinyClassifier.Model(slant), second, Registries.Decision(false));

        Assert.Equal(first.Id, registry.RollBack("worse in practice").Id);
        registry = _files.Open(keep: 2);
        for (int slant = 6; slant < 9; slant++)
            registry.Commit(TinyClassifier.Model(slant), first, Registries.Decision(false));
        Assert.False(registry.Find(second.Id)!.Accepted);
        Assert.Equal(second.Id, registry.SetCurrent(second, "it was not worse").Id);
        Assert.Empty(_files.Complaints);
    }

    [Fact]
    public void Promoting_what_is_served_already_keeps_what_was_served_before()
    {
        var registry = _files.Open(keep: 2);
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);
        registry.SetCurrent(first, "by hand");
        registry.SetCurrent(first, "by hand again");
        for (int slant = 3; slant < 6; slant++)
            registry.Commit(TinyClassifier.Model(slant), first, Registries.Decision(false));

        Assert.NotNull(registry.Find(second.Id));
    }

    [Fact]
    public void Rolling_back_serves_the_parent_also_when_the_version_left_cannot_be_marked()
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);
        Directory.Delete(_files.VersionFolder(second), recursive: true);

        Assert.Equal(first.Id, registry.RollBack("worse in practice").Id);
        Assert.Equal(first.Id, registry.Current.Id);
        Assert.Contains(_files.Complaints, line => line.Contains(second.Label, StringComparison.Ordinal));
        Assert.Equal(first.Id, _files.Open().Current.Id);
    }

    [Fact]
    public void The_base_model_cannot_be_rolled_back()
    {
        var registry = _files.Open();
        var error = Assert.Throws<FineTuningException>(() => registry.RollBack("no reason"));
        Assert.Contains("there is nothing to roll back to", error.Message, StringComparison.Ordinal);
    }
}
