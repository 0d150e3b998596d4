using System.Runtime.InteropServices;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

public sealed class EarlyStoppingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Training_ends_when_patience_is_over_with_the_parameters_of_the_best_epoch()
    {
        // Who is ever surer of what is right on twelve samples is ever more wrong where labels are, so the loss falls first and rises then.
        var validation = Noisy();
        using var session = Session();
        var epochs = await TrainAsync(session, validation, Plan("checkpoint"));

        var losses = epochs.ConvertAll(static epoch => epoch.Validation!.Loss);
        int best = losses.IndexOf(losses.Min());
        Assert.InRange(best, 1, 190);
        Assert.Equal(best + 1 + 4, epochs.Count);
        Assert.Equal(losses[best], new Trainer(session).Evaluate(validation).Loss);
        Assert.Equal(TimeSpan.Zero, epochs[^1].Remaining);
    }

    [Fact]
    public async Task Without_early_stopping_the_last_epoch_is_taken()
    {
        var validation = Noisy();
        using var session = Session();
        var epochs = await TrainAsync(session, validation, Plan("checkpoint") with { EarlyStopping = null, Epochs = 60 });

        Assert.Equal(60, epochs.Count);
        Assert.Equal(epochs[^1].Validation!.Loss, new Trainer(session).Evaluate(validation).Loss);
    }

    [Fact]
    public async Task A_small_improvement_does_not_count()
    {
        using var session = Session();
        var epochs = await TrainAsync(session, Noisy(), Plan("checkpoint") with { EarlyStopping = new EarlyStopping(2, 1000) });
        Assert.Equal(3, epochs.Count);
    }

    [Theory]
    [InlineData(7)] // in the middle of an epoch
    [InlineData(9)] // at the end of one
    [InlineData(-1)] // after the last step, before the best epoch is taken
    public async Task An_interrupted_run_ends_with_the_same_bits(int stopAfter)
    {
        var validation = Noisy();
        using var undisturbed = Session();
        int steps = 0;
        await foreach (var _ in new Trainer(undisturbed).RunAsync(TinyTask.Data(12), validation, Plan("undisturbed"), Cancelled))
            steps++;

        using (var session = Session())
        {
            int done = 0;
            await foreach (var _ in new Trainer(session).RunAsync(TinyTask.Data(12), validation, Plan("interrupted"), Cancelled))
            {
                if (++done == (stopAfter < 0 ? steps : stopAfter))
                    break;
            }
        }

        using var resumed = Session();
        await foreach (var _ in new Trainer(resumed).RunAsync(TinyTask.Data(12), validation, Plan("interrupted") with { Resume = true }, Cancelled))
        {
        }

        Assert.Equal(undisturbed.ToBuffer(), resumed.ToBuffer());
    }

    [Fact]
    public async Task The_parameters_stay_within_their_limit_and_resuming_gives_the_same_bits()
    {
        var plan = Plan("limited") with { EarlyStopping = null, Epochs = 10, MaximumUpdateNorm = 0.05, CheckpointEverySteps = 1 };
        using var session = Session();
        float[] start = session.ToBuffer();
        var steps = new List<TrainingProgress>();
        await foreach (var step in new Trainer(session).RunAsync(TinyTask.Data(12), null, plan, Cancelled))
            steps.Add(step);

        float[] end = session.ToBuffer();
        double norm = Math.Sqrt(start.Sum(static value => (double)value * value));
        double distance = Math.Sqrt(start.Zip(end).Sum(static pair => Math.Pow((double)pair.First - pair.Second, 2))) / norm;
        Assert.Equal(0.05, distance, 1e-5);
        Assert.Equal(0.05, steps[^1].UpdateNorm!.Value, 1e-5);
        Assert.All(steps, static step => Assert.InRange(step.UpdateNorm!.Value, 0, 0.05 + 1e-5));
        Assert.True(steps[0].UpdateNorm < steps[^1].UpdateNorm);

        using (var interrupted = Session())
        {
            await foreach (var step in new Trainer(interrupted).RunAsync(TinyTask.Data(12), null, plan with { CheckpointPath = _folder["again"] }, Cancelled))
            {
                if (step.Step == 11)
                    break;
            }
        }

        using var resumed = Session();
        await foreach (var _ in new Trainer(resumed).RunAsync(TinyTask.Data(12), null, plan with { CheckpointPath = _folder["again"], Resume = true }, Cancelled))
        {
        }

        Assert.Equal(end, resumed.ToBuffer());
    }

    [Fact]
    public async Task A_plan_that_cannot_be_carried_out_says_why()
    {
        using var session = Session();
        async Task<string> Refusal(TrainingPlan plan) =>
            (await Assert.ThrowsAsync<FineTuningException>(() => TrainAsync(session, TinyTask.Data(5), plan))).Message;

        Assert.Equal("The patience of early stopping must be at least 1, was 0.", await Refusal(Plan("x") with { EarlyStopping = new EarlyStopping(0) }));
        Assert.Equal("The minimum improvement of early stopping must be at least 0, was -1.", await Refusal(Plan("x") with { EarlyStopping = new EarlyStopping(1, -1) }));
        Assert.Equal("To keep the best epoch, the plan needs the path of a checkpoint.", await Refusal(Plan("x") with { CheckpointPath = null }));
        Assert.Equal("MaximumUpdateNorm must be greater than 0, was 0.", await Refusal(Plan("x") with { MaximumUpdateNorm = 0 }));

        await TrainAsync(session, TinyTask.Data(5), Plan("x") with { Epochs = 1 });
        Assert.StartsWith(
            "The maximum update norm was none where the checkpoint was written and is 0.5 now",
            await Refusal(Plan("x") with { Resume = true, MaximumUpdateNorm = 0.5 }),
            StringComparison.Ordinal);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static FineTuningSession Session() => new(TinyTask.Artifacts(), new FineTuningOptions { LearningRate = 3e-3, Threads = 1 });

    private TrainingPlan Plan(string checkpoint) =>
        new() { Epochs = 200, BatchSize = 4, Seed = 2, CheckpointPath = _folder[checkpoint], CheckpointEverySteps = 1, EarlyStopping = new EarlyStopping(4) };

    /// <summary>Samples of which every fifth has a wrong label.</summary>
    private static TensorDataset Noisy()
    {
        var data = TinyTask.Data(200, seed: 12);
        int[] all = [.. Enumerable.Range(0, data.Count)];
        var x = new float[data.Count * TinyTask.Features];
        var labels = new long[data.Count];
        data.Read("x", all, MemoryMarshal.AsBytes(x.AsSpan()));
        data.Read("labels", all, MemoryMarshal.AsBytes(labels.AsSpan()));
        return new TensorDataset(data.Count)
            .Add("x", x, TinyTask.Features)
            .Add("labels", [.. labels.Select(static (label, index) => index % 5 == 0 ? (label + 1) % TinyTask.Classes : label)]);
    }

    /// <summary>The last step of each epoch.</summary>
    private static async Task<List<TrainingProgress>> TrainAsync(FineTuningSession session, IDataset validation, TrainingPlan plan)
    {
        var epochs = new List<TrainingProgress>();
        await foreach (var step in new Trainer(session).RunAsync(TinyTask.Data(12), validation, plan, Cancelled))
        {
            if (step.Validation is not null)
                epochs.Add(step);
        }

        return epochs;
    }
}
