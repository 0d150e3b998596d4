using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class TrainingEngineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cancelled_training_makes_no_further_step_and_goes_on_to_the_same_model()
    {
        var engine = new TrainingEngine(
            new CurrentOptions(new FineTuningServiceOptions { Epochs = 4, BatchSize = 8, Threads = 1, LearningRate = 0.05 }), TimeProvider.System);
        var data = TinyClassifier.Dataset(100, seed: 1);
        var undisturbed = new TrainingJob(TinyClassifier.Model(), data, null, 7, _folder["checkpoint-1"], _folder["model-1"]);
        var job = new TrainingJob(TinyClassifier.Model(), data, null, 7, _folder["checkpoint-2"], _folder["model-2"]);
        await engine.TrainAsync(undisturbed, static _ => { }, TestContext.Current.CancellationToken);

        var steps = new List<int>();
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.TrainAsync(
            job,
            progress =>
            {
                steps.Add(progress.Step);
                if (progress.Step == 17)
                    cancellation.Cancel();
            },
            cancellation.Token));
        Assert.Equal(Enumerable.Range(1, 17), steps);
        Assert.False(File.Exists(job.OutputPath));

        await engine.TrainAsync(job, progress => steps.Add(progress.Step), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 52), steps);
        Assert.Equal(File.ReadAllBytes(undisturbed.OutputPath), File.ReadAllBytes(job.OutputPath));
    }

    [Fact]
    public async Task A_run_with_fewer_steps_than_the_warm_up_trains_all_the_same()
    {
        var engine = new TrainingEngine(
            new CurrentOptions(new FineTuningServiceOptions { Epochs = 1, BatchSize = 8, Threads = 1, WarmupSteps = 100, Schedule = "cosine" }), TimeProvider.System);
        var steps = new List<int>();
        var job = new TrainingJob(TinyClassifier.Model(), TinyClassifier.Dataset(20, seed: 1), null, 7, _folder["checkpoint"], _folder["model"]);
        await engine.TrainAsync(job, progress => steps.Add(progress.Step), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], steps);
    }

    [Fact]
    public async Task The_limits_of_the_options_hold()
    {
        double? norm = null;
        var options = new FineTuningServiceOptions { Epochs = 5, BatchSize = 8, Threads = 1, LearningRate = 0.1 };
        (options.Robustness.MaximumUpdateNorm, options.Robustness.MaximumGradientNorm) = (0.03, 1e-3);
        var job = new TrainingJob(TinyClassifier.Model(slant: 1), TinyClassifier.Dataset(100, seed: 1, wrong: true), null, 7, _folder["checkpoint"], _folder["model"]);
        await new TrainingEngine(new CurrentOptions(options), TimeProvider.System)
            .TrainAsync(job, progress => norm = progress.UpdateNorm, TestContext.Current.CancellationToken);
        Assert.Equal(0.03, norm!.Value, 1e-6);
    }

    [Fact]
    public async Task An_evaluation_can_be_cancelled()
    {
        var engine = new TrainingEngine(new CurrentOptions(new FineTuningServiceOptions { Threads = 1 }), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.ScoreAsync(TinyClassifier.Model(), TinyClassifier.Dataset(10, seed: 1), null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_model_is_scored_on_both_sets()
    {
        var engine = new TrainingEngine(new CurrentOptions(new FineTuningServiceOptions { Threads = 1 }), TimeProvider.System);
        var scores = await engine.ScoreAsync(
            TinyClassifier.Model(slant: 3), TinyClassifier.Dataset(300, seed: 1), TinyClassifier.Dataset(40, seed: 2, wrong: true), TestContext.Current.CancellationToken);

        Assert.Equal((1.0, 300), (scores.HeldOut!.Summary.Accuracy, scores.HeldOut.Summary.Count));
        Assert.Equal((0.0, 40), (scores.Golden!.Summary.Accuracy, scores.Golden.Summary.Count));
    }
}
