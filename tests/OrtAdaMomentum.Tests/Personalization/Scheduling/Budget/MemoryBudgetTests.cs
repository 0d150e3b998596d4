using Microsoft.Extensions.DependencyInjection;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Budget;

public sealed class MemoryBudgetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeMachine _machine = new();
    private readonly TrainingArtifacts _artifacts = ArtifactGenerator.Generate(OnnxModel.Load(TinyClassifier.Model()));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_that_fits_or_whose_bounds_are_unknown_is_not_refused()
    {
        Check(null);
        _machine.AvailableBytes = Needed;
        Check(Needed);
    }

    [Fact]
    public void A_training_that_may_not_take_what_it_needs_is_refused_with_what_can_be_done()
    {
        var error = Assert.Throws<FineTuningException>(() => Check(Needed - 1));
        Assert.Equal(
            "Training would take about 8 MB of memory, more than the 8 MB of Budget:MaximumMemory. A smaller BatchSize (now 32) or fewer Trainable parameters take less.",
            error.Message);
    }

    [Fact]
    public void A_training_that_the_machine_has_no_memory_for_is_refused()
    {
        _machine.AvailableBytes = 1_000_000;
        Assert.Contains("more than the 1 MB that are left on the machine", Assert.Throws<FineTuningException>(() => Check(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_run_says_why_and_its_samples_are_still_new_when_memory_is_there()
    {
        _machine.AvailableBytes = 1_000_000;
        await using var host = await ServiceHost.StartAsync(_folder, build: builder => builder.Services.AddSingleton<IMemoryProbe>(_machine));
        await host.AddAsync(TinyClassifier.Samples(40));
        var error = await Assert.ThrowsAsync<FineTuningException>(() => host.Control.RequestRunAsync(Cancelled));
        Assert.Contains("left on the machine", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, host.Monitor.LatestFailure!.Message);
        Assert.Equal(40, (await host.Get<ISampleStore>().CountAsync(Cancelled)).New);

        _machine.AvailableBytes = long.MaxValue;
        await host.Control.RequestRunAsync(Cancelled);
        Assert.Equal(0, (await host.Get<ISampleStore>().CountAsync(Cancelled)).New);
    }

    [Fact]
    public void A_training_on_sequences_is_counted_with_the_greatest_extents_that_samples_may_have()
    {
        var artifacts = SequenceReader.Artifacts();
        void Check(long time) => new MemoryBudget(_machine).Check(
            artifacts, 32, SequenceReader.Schema(new() { ["time"] = time, ["labels[0]"] = 5 }), new FineTuningOptions(), new TrainingBudgetOptions { MaximumMemory = 100_000_000 });

        Check(100);
        var error = Assert.Throws<FineTuningException>(() => Check(100_000));
        Assert.Contains("A smaller BatchSize (now 32), smaller MaximumExtents or fewer Trainable parameters take less.", error.Message, StringComparison.Ordinal);
    }

    private long Needed => FineTuningSession.EstimateMemory(_artifacts, 32).TotalBytes;

    private void Check(long? maximum) =>
        new MemoryBudget(_machine).Check(_artifacts, 32, SampleSchema.Of(_artifacts.Manifest), new FineTuningOptions(), new TrainingBudgetOptions { MaximumMemory = maximum });
}
