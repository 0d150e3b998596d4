using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly Registries _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_base_model_becomes_version_0()
    {
        var registry = _files.Open();

        var version = Assert.Single(registry.Versions);
        Assert.Equal((0, null, true, "base model"), (version.Number, version.Parent, version.Accepted, version.Reason));
        Assert.Equal(version, registry.Current);
        Assert.Single(OnnxModel.Load(registry.ReadModel(version)).Inputs);
        Assert.Empty(_files.Complaints);
    }

    [Fact]
    public void Versions_are_there_again_after_a_restart()
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        _files.Time.Advance(TimeSpan.FromHours(1));
        var refused = registry.Commit(TinyClassifier.Model(2), first, Registries.Decision(false));

        var again = _files.Open();
        // Records hold decisions, which compare by their members, so this compares everything that was written.
        Assert.Equal(registry.Versions, again.Versions);
        Assert.Equal(first.Id, again.Current.Id);
        Assert.Equal(1, again.Find(refused.Id)!.Created.Hour);
        Assert.False(again.Find(refused.Id)!.Accepted);
        Assert.Empty(_files.Complaints);
    }

    [Fact]
    public void A_candidate_that_is_there_already_is_not_written_again()
    {
        var registry = _files.Open();
        var first = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(true));
        var second = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(false));

        Assert.Equal(first, second);
        Assert.Equal(2, registry.Versions.Count);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("model")]
    [InlineData("all")]
    public void An_unfinished_candidate_is_cleaned_up(string written)
    {
        var registry = _files.Open();
        string unfinished = Path.Combine(_files.Root, "versions", ".unfinished-0");
        Directory.CreateDirectory(unfinished);
        if (written != "nothing")
            File.WriteAllBytes(Path.Combine(unfinished, "model.onnx"), [1, 2, 3]);
        if (written == "all")
            File.WriteAllText(Path.Combine(unfinished, "version.json"), "{}");

        var again = _files.Open();
        Assert.False(Directory.Exists(unfinished));
        Assert.Equal(registry.Versions, again.Versions);
    }

    [Fact]
    public void A_pointer_that_was_not_renamed_yet_does_not_count()
    {
        var registry = _files.Open();
        var first = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(true));
        string temporary = Path.Combine(_files.Root, ".current.json.0.tmp");
        File.WriteAllText(temporary, $$"""{"version":"{{first.Id}}","reason":"","since":"2026-01-01T00:00:00+00:00"}""");

        Assert.Equal(0, _files.Open().Current.Number);
        Assert.False(File.Exists(temporary));
    }

    [Fact]
    public void A_candidate_committed_but_not_promoted_is_not_served_after_a_crash()
    {
        var registry = _files.Open();
        registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(true));

        Assert.Equal(0, _files.Open().Current.Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":")]
    [InlineData("null")]
    [InlineData("{\"version\":\"unknown\",\"reason\":\"\",\"since\":\"2026-01-01T00:00:00+00:00\"}")]
    public void A_damaged_pointer_leads_to_the_newest_accepted_version(string pointer)
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        registry.Commit(TinyClassifier.Model(2), first, Registries.Decision(false));
        File.WriteAllText(Path.Combine(_files.Root, "current.json"), pointer);

        Assert.Equal(first.Id, _files.Open().Current.Id);
        Assert.Contains(_files.Complaints, static line => line.Contains("current.json", StringComparison.Ordinal));
        Assert.Equal(first.Id, _files.Open().Current.Id);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("missing")]
    public void A_damaged_model_is_not_served(string damage)
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);
        Damage(second, damage);

        var error = Assert.Throws<FineTuningException>(() => registry.ReadModel(second));
        Assert.Contains(second.Label, error.Message, StringComparison.Ordinal);
        Assert.Equal(first.Id, _files.Open().Current.Id);
        Assert.Contains($"Version {second.Label} cannot be used.", _files.Complaints);
    }

    [Fact]
    public void A_damaged_base_model_is_imported_again()
    {
        var registry = _files.Open();
        Damage(registry.Current, "cut");

        var again = _files.Open();
        Assert.Equal(registry.Current.Id, again.Current.Id);
        Assert.NotEmpty(again.ReadModel(again.Current));
    }

    [Fact]
    public void A_damaged_version_is_written_anew_when_it_comes_again()
    {
        var registry = _files.Open();
        var first = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(true));
        Damage(first, "cut");

        var again = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(true));
        Assert.Equal((first.Id, first.Number), (again.Id, again.Number));
        Assert.NotEmpty(registry.ReadModel(again));
    }

    [Fact]
    public void A_version_whose_record_is_damaged_is_reported_and_left_out()
    {
        var registry = _files.Open();
        var first = Registries.Promote(registry, 1);
        File.WriteAllText(Path.Combine(_files.VersionFolder(first), "version.json"), "{");

        var again = _files.Open();
        Assert.Equal(0, again.Current.Number);
        Assert.Contains(_files.Complaints, line => line.Contains(_files.VersionFolder(first), StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_newest_versions_are_kept_but_always_the_current_one_its_parent_and_its_base()
    {
        var registry = _files.Open(keep: 2);
        var first = Registries.Promote(registry, 1);
        var second = Registries.Promote(registry, 2);
        for (int slant = 3; slant < 8; slant++)
            registry.Commit(TinyClassifier.Model(slant), second, Registries.Decision(false));

        Assert.Equal([0, first.Number, second.Number, 6, 7], registry.Versions.Select(static version => version.Number));
        Assert.Equal(5, Directory.GetDirectories(Path.Combine(_files.Root, "versions")).Length);
        Assert.Equal(registry.Versions, _files.Open(keep: 2).Versions);
    }

    [Fact]
    public void A_damaged_version_that_comes_again_is_kept_although_its_number_is_an_old_one()
    {
        var registry = _files.Open(keep: 2);
        var first = Registries.Promote(registry, 1);
        var second = registry.Commit(TinyClassifier.Model(2), first, Registries.Decision(true));
        registry.Commit(TinyClassifier.Model(3), first, Registries.Decision(false));
        Damage(second, "cut");
        _files.Time.Advance(TimeSpan.FromDays(1));
        registry = _files.Open(keep: 1);

        var again = registry.Commit(TinyClassifier.Model(2), first, Registries.Decision(true));
        Assert.Equal(second.Id, registry.SetCurrent(again, "better").Id);
    }

    [Fact]
    public void A_refused_version_is_accepted_when_it_is_made_current_by_hand()
    {
        var registry = _files.Open();
        var refused = registry.Commit(TinyClassifier.Model(1), registry.Current, Registries.Decision(false));
        registry.SetCurrent(refused, "by hand");

        var again = _files.Open();
        Assert.Equal((refused.Id, true, "by hand"), (again.Current.Id, again.Current.Accepted, again.Current.Reason));
    }

    [Fact]
    public void Another_base_model_is_where_the_service_starts_anew_and_the_old_one_brings_its_versions_back()
    {
        var registry = _files.Open();
        var trained = Registries.Promote(registry, 1);
        TinyClassifier.Write(_files.Folder, producer: "a newer release");

        var renewed = _files.Open();
        Assert.Equal((2, null), (renewed.Current.Number, renewed.Current.Parent));
        Assert.Contains(_files.Complaints, static line => line.Contains("another base model", StringComparison.Ordinal));

        TinyClassifier.Write(_files.Folder);
        Assert.Equal(trained.Id, _files.Open().Current.Id);
    }

    [Fact]
    public void Candidates_that_were_refused_do_not_displace_accepted_versions()
    {
        var registry = _files.Open(keep: 3);
        for (int slant = 1; slant < 5; slant++)
            Registries.Promote(registry, slant);
        for (int slant = 5; slant < 10; slant++)
            registry.Commit(TinyClassifier.Model(slant), registry.Current, Registries.Decision(false));

        Assert.Equal([0, 2, 3, 4, 7, 8, 9], registry.Versions.Select(static version => version.Number));
    }

    [Fact]
    public void A_version_is_found_by_the_beginning_of_its_id_if_no_other_begins_so()
    {
        var registry = _files.Open();
        Assert.Equal(registry.Current, registry.Find(registry.Current.Id[..8]));
        Assert.Equal(registry.Current, registry.Find(registry.Current.Label));
        Assert.Equal(registry.Current, registry.Find("v0"));
        Assert.Null(registry.Find("v1"));
        Assert.Null(registry.Find("not a hash"));
    }

    private void Damage(ModelVersion version, string damage)
    {
        string path = Path.Combine(_files.VersionFolder(version), "model.onnx");
        byte[] bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "changed":
                bytes[^5] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
