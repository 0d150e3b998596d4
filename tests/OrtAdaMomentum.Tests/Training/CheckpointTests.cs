using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("adamomentum", "constant", 1)]
    [InlineData("adamw", "cosine", 1)]
    [InlineData("sgd", "linear", 3)]
    public async Task Training_resumed_in_the_middle_of_an_epoch_ends_with_the_same_bits(string optimizer, string schedule, int accumulation)
    {
        var artifacts = TinyTask.Artifacts();
        var data = TinyTask.Data(50);
        var options = new FineTuningOptions { Optimizer = optimizer, LearningRate = 1e-2, WeightDecay = 1e-2 };
        var plan = new TrainingPlan { Epochs = 4, BatchSize = 8, Seed = 5, Schedule = schedule, AccumulationSteps = accumulation };

        using var undisturbed = new FineTuningSession(artifacts, options);
        await foreach (var _ in new Trainer(undisturbed).RunAsync(data, null, plan, TestContext.Current.CancellationToken))
        {
        }

        string path = _folder.File("checkpoint");
        using (var first = new FineTuningSession(artifacts, options))
        {
            int steps = 0;
            await foreach (var _ in new Trainer(first).RunAsync(
                data, null, plan with { CheckpointPath = path, CheckpointEverySteps = 5 }, TestContext.Current.CancellationToken))
            {
                if (++steps == 7)
                    break;
            }
        }

        using var second = new FineTuningSession(artifacts, options);
        int resumedSteps = 0;
        await foreach (var progress in new Trainer(second).RunAsync(
            data, null, plan with { CheckpointPath = path, Resume = true }, TestContext.Current.CancellationToken))
        {
            if (resumedSteps++ == 0)
                Assert.Equal(6, progress.Step);
        }

        Assert.Equal(undisturbed.ToBuffer(), second.ToBuffer());
        for (int state = 0; state < second.Optimizer.States.Count; state++)
            Assert.Equal(undisturbed.Optimizer.States[state].Buffer.Span.ToArray(), second.Optimizer.States[state].Buffer.Span.ToArray());
    }

    [Fact]
    public async Task A_cancelled_run_leaves_a_checkpoint_of_the_last_step()
    {
        string path = _folder.File("checkpoint");
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var progress in new Trainer(session).RunAsync(TinyTask.Data(64), null, new TrainingPlan { Epochs = 9, BatchSize = 8, CheckpointPath = path }, stop.Token))
            {
                if (progress.Step == 3)
                    await stop.CancelAsync();
            }
        });

        using var resumed = new FineTuningSession(TinyTask.Artifacts());
        Assert.Equal(3, resumed.LoadCheckpoint(path)!.Step);
        Assert.Equal(session.ToBuffer(), resumed.ToBuffer());
    }

    [Fact]
    public async Task A_plan_that_would_be_another_training_is_refused_on_resume()
    {
        string path = _folder.File("checkpoint");
        var plan = new TrainingPlan { Epochs = 2, BatchSize = 8, CheckpointPath = path, Resume = true };
        await Run(plan, 40);

        await Refused("batch size was 8 where the checkpoint was written and is 4 now", plan with { BatchSize = 4 }, 40);
        await Refused("batches for one step was 1 where the checkpoint was written and is 2 now", plan with { AccumulationSteps = 2 }, 40);
        await Refused("schedule was constant where the checkpoint was written and is cosine now", plan with { Schedule = "cosine" }, 40);
        await Refused("warm-up steps was 0 where the checkpoint was written and is 1 now", plan with { WarmupSteps = 1 }, 40);
        await Refused("number of samples was 40 where the checkpoint was written and is 41 now", plan, 41);
        await Refused("seed was 1 where the checkpoint was written and is 2 now", plan with { Seed = 2 }, 40);
        await Refused("after 10 steps in epoch 2, but the plan ends with epoch 1", plan with { Epochs = 1 }, 40);
        Assert.Equal(5, await Run(plan with { Epochs = 3 }, 40));

        async Task Refused(string reason, TrainingPlan other, int samples) =>
            Assert.Contains(reason, (await Assert.ThrowsAsync<FineTuningException>(() => Run(other, samples))).Message, StringComparison.Ordinal);

        static async Task<int> Run(TrainingPlan plan, int samples)
        {
            int steps = 0;
            using var session = new FineTuningSession(TinyTask.Artifacts());
            await foreach (var _ in new Trainer(session).RunAsync(TinyTask.Data(samples), null, plan, TestContext.Current.CancellationToken))
                steps++;
            return steps;
        }
    }

    [Fact]
    public void Every_damaged_byte_of_a_checkpoint_is_noticed_and_nothing_is_loaded()
    {
        string path = _folder.File("checkpoint");
        using var session = new FineTuningSession(TinyTask.Artifacts());
        session.SaveCheckpoint(path);
        byte[] good = File.ReadAllBytes(path);
        float[] before = session.ToBuffer();

        for (int position = 0; position < good.Length; position += 7)
        {
            byte[] bad = [.. good];
            bad[position] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.Throws<FineTuningException>(() => session.LoadCheckpoint(path));
        }

        for (int length = 0; length < good.Length; length += 101)
        {
            File.WriteAllBytes(path, good[..length]);
            Assert.Throws<FineTuningException>(() => session.LoadCheckpoint(path));
        }

        Assert.Equal(before, session.ToBuffer());
    }

    [Fact]
    public void A_checkpoint_of_another_model_or_optimizer_is_refused()
    {
        string path = _folder.File("checkpoint");
        using (var other = new FineTuningSession(TinyTask.Artifacts(new ArtifactOptions { Trainable = TrainableSelection.LastLayers(1) })))
            other.SaveCheckpoint(path);
        using var session = new FineTuningSession(TinyTask.Artifacts());
        Assert.Contains("another training model", Assert.Throws<FineTuningException>(() => session.LoadCheckpoint(path)).Message, StringComparison.Ordinal);

        session.SaveCheckpoint(path);
        using var stepsOtherwise = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { Optimizer = "sgd" });
        Assert.Contains("'adamomentum'", Assert.Throws<FineTuningException>(() => stepsOtherwise.LoadCheckpoint(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_checkpoint_is_named()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        string path = _folder.File("none");
        Assert.Contains(path, Assert.Throws<FineTuningException>(() => session.LoadCheckpoint(path)).Message, StringComparison.Ordinal);
    }
}
