using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Running;

public class LabelCheckTests
{
    private static readonly SampleSchema Schema = SampleSchema.Of(TinyClassifier.Manifest);

    private static readonly IReadOnlyList<Sample> Samples = [.. TinyClassifier.Samples(8)];

    [Fact]
    public async Task The_samples_with_the_greatest_losses_are_left_out_and_the_order_stays()
    {
        var check = await RunAsync([3, 1, double.NaN, 1, 5, 0, 2, 4], [], trim: 0.5);
        Assert.Equal([Samples[1], Samples[3], Samples[5], Samples[6]], check.Trusted);
        Assert.Null(check.SuspectShare);
    }

    [Fact]
    public async Task A_label_is_suspect_when_its_loss_is_higher_than_nearly_all_of_the_golden_ones()
    {
        double[] golden = [.. Enumerable.Range(0, 200).Select(static place => place / 100.0)];
        // The hundredth from above is 1.98.
        var check = await RunAsync([0, 1.98, 1.99, 5, double.NaN, 0, 0, 0], golden, trim: null);
        Assert.Equal(3.0 / 8, check.SuspectShare);
        Assert.Equal(Samples, check.Trusted);
    }

    [Fact]
    public async Task Nothing_is_measured_where_nothing_is_asked_for()
    {
        var check = await LabelCheck.RunAsync(new Losses([], []), [], Samples, new ModelData(Schema, null, null), null, TestContext.Current.CancellationToken);
        Assert.Equal((Samples, null), (check.Trusted, check.SuspectShare));
    }

    [Fact]
    public void Held_out_samples_are_parted_by_subject_and_no_sample_is_in_both_parts()
    {
        var samples = TinyClassifier.Samples(400)
            .Select(static (sample, index) => new Sample(sample.Inputs, sample.Target, sample.Key) { Subject = index < 200 ? $"person {index % 40}" : null })
            .ToList();
        var split = HeldOutSplit.Of(samples, new EarlyStoppingOptions());

        Assert.Empty(split.Choosing.Intersect(split.Deciding));
        Assert.Equal(400, split.Choosing.Count + split.Deciding.Count);
        Assert.InRange(split.Choosing.Count, 60, 140);
        Assert.Empty(split.Choosing.Select(static sample => sample.Subject).OfType<string>().Intersect(split.Deciding.Select(static sample => sample.Subject)));

        var undivided = HeldOutSplit.Of(samples, new EarlyStoppingOptions { Patience = 0 });
        Assert.Equal((samples, samples), (undivided.Choosing, undivided.Deciding));
    }

    [Fact]
    public void What_decides_is_not_what_decided_to_hold_out()
    {
        // Of samples that were held out by their place under one hash, a quarter must choose, not all.
        var heldOut = TinyClassifier.Samples(2000).Where(static sample => SampleSplit.RoleOf(sample, 0.2) == SampleRole.HeldOut).ToList();
        var split = HeldOutSplit.Of(heldOut, new EarlyStoppingOptions());
        Assert.Equal(0.25, (double)split.Choosing.Count / heldOut.Count, 0.07);
    }

    private static Task<LabelCheck> RunAsync(double[] losses, double[] golden, double? trim) => LabelCheck.RunAsync(
        new Losses(losses, golden), [], Samples, new ModelData(Schema, golden.Length == 0 ? null : TinyClassifier.Dataset(golden.Length, seed: 3), null), trim, TestContext.Current.CancellationToken);

    /// <summary>An engine that only measures, and gives these losses.</summary>
    private sealed class Losses(double[] losses, double[] golden) : ITrainingEngine
    {
        public SampleSchema Describe(byte[] model) => Schema;

        public Task TrainAsync(TrainingJob job, Action<OrtAdaMomentum.Training.TrainingProgress> progress, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? goldenData, CancellationToken cancellationToken)
        {
            Assert.Equal(losses.Length, heldOut.Count);
            return Task.FromResult(new MeasuredModel(Scores(losses), goldenData is null ? null : Scores(golden)));
        }

        private static SampleScores Scores(double[] losses) => new([.. losses.Select(static loss => new SampleScore { Loss = loss })]);
    }
}
