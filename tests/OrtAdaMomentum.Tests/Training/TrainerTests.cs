using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public async Task A_run_learns_and_reports_every_step_and_the_validation_after_every_epoch()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { LearningRate = 1e-2 });
        var trainer = new Trainer(session);
        var validation = TinyTask.Data(60, seed: 12);
        var before = trainer.Evaluate(validation);
        var plan = new TrainingPlan { Epochs = 5, BatchSize = 16, Seed = 2 };

        var items = new List<TrainingProgress>();
        await foreach (var progress in trainer.RunAsync(TinyTask.Data(100), validation, plan, TestContext.Current.CancellationToken))
            items.Add(progress);

        Assert.Equal(plan.StepsFor(100), items.Count);
        Assert.Equal(Enumerable.Range(1, items.Count), items.Select(item => item.Step));
        Assert.Equal(5, items.Count(item => item.Validation is not null));
        Assert.Equal(TimeSpan.Zero, items[^1].Remaining);
        Assert.True(items[^1].Validation!.Accuracy > 0.9, $"{before} became {items[^1].Validation}");
        Assert.True(items[^1].Validation!.Loss < before.Loss / 2);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        async Task<float[]> Train(ulong seed)
        {
            using var session = new FineTuningSession(TinyTask.Artifacts());
            await foreach (var _ in new Trainer(session).RunAsync(
                TinyTask.Data(40), null, new TrainingPlan { BatchSize = 8, Seed = seed }, TestContext.Current.CancellationToken))
            {
            }

            return session.ToBuffer();
        }

        float[] first = await Train(1);
        Assert.Equal(first, await Train(1));
        Assert.NotEqual(first, await Train(2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void The_order_of_samples_is_a_permutation_that_differs_by_epoch(int count)
    {
        int[] order = SampleOrder.Permutation(count, 7, 0);

        Assert.Equal(Enumerable.Range(0, count), order.Order());
        Assert.Equal(order, SampleOrder.Permutation(count, 7, 0));
        if (count > 2)
            Assert.NotEqual(order, SampleOrder.Permutation(count, 7, 1));
    }

    [Fact]
    public async Task A_plan_out_of_range_is_refused_with_the_value_seen()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        var error = await Assert.ThrowsAsync<FineTuningException>(async () =>
        {
            await foreach (var _ in new Trainer(session).RunAsync(
                TinyTask.Data(4), null, new TrainingPlan { BatchSize = 0 }, TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal("BatchSize must be at least 1, was 0.", error.Message);
    }
}
