using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Gating;

public class GateTests
{
    private static readonly GateOptions Options = new() { MinimumGain = 0.01, MaximumLossOnOld = 0.02 };

    [Theory]
    // Held-out current and candidate, golden current and candidate (negative: none), whether it passes.
    [InlineData(0.80, 0.90, -1, -1, true)]
    [InlineData(0.80, 0.81, -1, -1, true)]
    [InlineData(0.80, 0.805, -1, -1, false)]
    [InlineData(0.80, 0.80, -1, -1, false)]
    [InlineData(0.80, 0.70, -1, -1, false)]
    [InlineData(0.80, 0.90, 0.95, 0.95, true)]
    [InlineData(0.80, 0.90, 0.95, 0.99, true)]
    [InlineData(0.80, 0.90, 0.95, 0.93, true)]
    [InlineData(0.80, 0.90, 0.95, 0.9299, false)]
    [InlineData(0.80, 0.80, 0.95, 0.99, false)]
    public void A_candidate_has_to_gain_on_new_samples_and_keep_the_old(double currentNew, double candidateNew, double currentOld, double candidateOld, bool passes) =>
        Assert.Equal(passes, Gate.Decide(Accuracies(currentNew, currentOld), Accuracies(candidateNew, candidateOld), Options).Promote);

    [Theory]
    [InlineData(0.5, 0.4, 0.3, 0.31, true)]
    [InlineData(0.5, 0.4, 0.3, 0.35, false)]
    [InlineData(0.5, 0.495, 0.3, 0.3, false)]
    [InlineData(0.5, 0.6, 0.3, 0.1, false)]
    [InlineData(0.5, double.NaN, 0.3, 0.1, false)]
    [InlineData(0.5, 0.4, 0.3, double.NaN, false)]
    [InlineData(0.5, double.PositiveInfinity, 0.3, 0.1, false)]
    [InlineData(double.NaN, 0.4, double.NaN, 0.3, true)]
    [InlineData(double.PositiveInfinity, 0.4, 0.3, 0.3, true)]
    public void Less_loss_is_better_and_a_loss_that_is_not_finite_never_passes(double currentNew, double candidateNew, double currentOld, double candidateOld, bool passes)
    {
        var decision = Gate.Decide(
            new MeasuredModel(Losses(currentNew, 50), Losses(currentOld, 100)),
            new MeasuredModel(Losses(candidateNew, 50), Losses(candidateOld, 100)),
            new GateOptions { Metric = GateMetric.Loss, MinimumGain = 0.01, MaximumLossOnOld = 0.02 });

        Assert.Equal(passes, decision.Promote);
    }

    [Fact]
    public void The_reason_names_the_numbers()
    {
        Assert.Equal(
            "accuracy on 50 held-out samples 0.8 -> 0.9: a gain of 0.1, at least 0.01 required; "
            + "the gain has a confidence of 1 and lies between 0.1 and 0.1, a confidence of 0.95 is required; "
            + "accuracy on 100 golden samples 0.95 -> 0.94: a fall of 0.01, at most 0.02 allowed.",
            Gate.Decide(Accuracies(0.8, 0.95), Accuracies(0.9, 0.94), Options).Reason);
        Assert.EndsWith(
            "; but accuracy on 100 golden samples 0.95 -> 0.9: a fall of 0.05, more than the allowed 0.02.",
            Gate.Decide(Accuracies(0.8, 0.95), Accuracies(0.9, 0.9), Options).Reason,
            StringComparison.Ordinal);
        Assert.Equal(
            "accuracy on 50 held-out samples 0.8 -> 0.75: a gain of -0.05, less than the required 0.01.",
            Gate.Decide(Accuracies(0.8, -1), Accuracies(0.75, -1), Options).Reason);
    }

    [Fact]
    public void Nothing_passes_without_enough_held_out_samples()
    {
        var nothing = Gate.Decide(new MeasuredModel(null, FakeEngine.Scores(0.5, 10)), new MeasuredModel(null, FakeEngine.Scores(0.9, 10)), Options);
        Assert.False(nothing.Promote);
        Assert.Equal("There are no held-out samples to compare on.", nothing.Reason);

        var few = Gate.Decide(new MeasuredModel(FakeEngine.Scores(0.5, 19), null), new MeasuredModel(FakeEngine.Scores(0.9, 19), null), Options);
        Assert.False(few.Promote);
        Assert.Equal("There are 19 held-out samples to compare on, fewer than the required 20.", few.Reason);
        Assert.True(Gate.Decide(new MeasuredModel(FakeEngine.Scores(0.5, 20), null), new MeasuredModel(FakeEngine.Scores(0.9, 20), null), Options).Promote);
    }

    [Fact]
    public void Nothing_passes_on_a_metric_that_the_models_do_not_have()
    {
        var current = new MeasuredModel(Losses(1, 30), null);
        var candidate = new MeasuredModel(Losses(0.1, 30), null);
        foreach (var metric in Enum.GetValues<GateMetric>().Where(static metric => metric != GateMetric.Loss))
        {
            var decision = Gate.Decide(current, candidate, new GateOptions { Metric = metric, MinimumGain = 0 });
            Assert.False(decision.Promote);
            Assert.StartsWith("The models have no ", decision.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Golden_samples_measured_on_one_side_only_stop_a_candidate() =>
        Assert.False(Gate.Decide(Accuracies(0.8, 0.9), Accuracies(0.9, -1), new GateOptions()).Promote);

    [Fact]
    public void A_gain_that_a_few_samples_make_is_not_sure_enough()
    {
        // Two of 40 samples got better and one got worse: a gain of 0.025 that chance gives one time in three.
        bool[] before = Answers(40, wrong: [0, 1]), after = Answers(40, wrong: [2]);
        var unsure = Gate.Decide(new MeasuredModel(Classes(before), null), new MeasuredModel(Classes(after), null), Options);
        Assert.False(unsure.Promote);
        Assert.InRange(unsure.HeldOut!.Interval!.Confidence, 0.5, 0.8);
        Assert.Contains("; but the gain has a confidence of 0.", unsure.Reason, StringComparison.Ordinal);
        Assert.EndsWith("; a confidence of 0.95 is required.", unsure.Reason, StringComparison.Ordinal);

        // Ten got better and none worse.
        var sure = Gate.Decide(
            new MeasuredModel(Classes(Answers(40, wrong: [.. Enumerable.Range(0, 10)])), null), new MeasuredModel(Classes(Answers(40, wrong: [])), null), Options);
        Assert.True(sure.Promote, sure.Reason);
        Assert.Equal(0.25, sure.HeldOut!.Gain, 12);
        Assert.InRange(sure.HeldOut.Interval!.Lower, 0.1, 0.15);
        Assert.InRange(sure.HeldOut.Interval.Upper, 0.35, 0.4);
    }

    [Fact]
    public void A_single_subject_is_not_certain_of_itself()
    {
        // One of forty answers got better: a resample of them misses it with the probability of 1/e.
        var current = new MeasuredModel(Classes(Answers(40, wrong: [0, 1])), null);
        var candidate = new MeasuredModel(Classes(Answers(40, wrong: [1])), null);

        var decision = Gate.Decide(current, candidate, Options, [.. Enumerable.Repeat("one", 40)]);
        Assert.False(decision.Promote);
        Assert.Equal(1, decision.HeldOut!.Groups);
        Assert.Equal(1 - Math.Pow(39.0 / 40, 40), decision.HeldOut.Interval!.Confidence, 0.03);
    }

    [Fact]
    public void Many_samples_of_one_subject_are_one_witness()
    {
        // Thirty samples of one person got better, and nobody else's; as samples of thirty people they would be proof.
        bool[] before = Answers(60, wrong: [.. Enumerable.Range(0, 30)]), after = Answers(60, wrong: []);
        string?[] subjects = [.. Enumerable.Repeat("one", 30), .. Enumerable.Range(0, 2).SelectMany(static person => Enumerable.Repeat($"other {person}", 15))];
        var current = new MeasuredModel(Classes(before), null);
        var candidate = new MeasuredModel(Classes(after), null);

        var grouped = Gate.Decide(current, candidate, Options, subjects);
        Assert.False(grouped.Promote);
        Assert.Equal((60, 3), (grouped.HeldOut!.Samples, grouped.HeldOut.Groups));
        Assert.Contains("of 3 groups", grouped.Reason, StringComparison.Ordinal);
        // The person is in a resample of three people unless the other two are drawn each time.
        Assert.Equal(1 - Math.Pow(2.0 / 3, 3), grouped.HeldOut.Interval!.Confidence, 0.03);
        Assert.True(Gate.Decide(current, candidate, Options).Promote);
        Assert.Throws<ArgumentException>(() => Gate.Decide(current, candidate, Options, ["one"]));
    }

    [Fact]
    public void The_same_scores_give_the_same_decision()
    {
        var current = new MeasuredModel(Classes(Answers(50, wrong: [1, 5, 9, 20, 33])), null);
        var candidate = new MeasuredModel(Classes(Answers(50, wrong: [5, 7])), null);
        Assert.Equal(Gate.Decide(current, candidate, Options).HeldOut!.Interval, Gate.Decide(current, candidate, Options).HeldOut!.Interval);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_class_that_falls_too_far_stops_a_candidate_on_either_set(bool golden)
    {
        // Class 1 falls from 40 of 40 to 34 of 40; class 0 gains more than that.
        var before = Classes(Answers(80, wrong: [.. Enumerable.Range(0, 20).Select(static index => index * 2)]));
        var after = Classes(Answers(80, wrong: [.. Enumerable.Range(0, 6).Select(static index => index * 2 + 1)]));
        var better = FakeEngine.Scores(0.9, 50);
        var worse = FakeEngine.Scores(0.5, 50);
        var current = golden ? new MeasuredModel(worse, before) : new MeasuredModel(before, null);
        var candidate = golden ? new MeasuredModel(better, after) : new MeasuredModel(after, null);

        var decision = Gate.Decide(current, candidate, Options);

        Assert.False(decision.Promote);
        string set = golden ? "golden" : "held-out";
        Assert.EndsWith($"; but class 1 on 40 {set} labels 1 -> 0.85: a fall of 0.15, more than the allowed 0.1.", decision.Reason, StringComparison.Ordinal);
        var classes = golden ? decision.Golden!.Classes : decision.HeldOut!.Classes;
        Assert.Equal([new ClassComparison(0, 40, 0.5, 1), new ClassComparison(1, 40, 1, 0.85)], classes);

        var allowed = Gate.Decide(current, candidate, new GateOptions { MaximumLossPerClass = 0.15 });
        Assert.True(allowed.Promote, allowed.Reason);
        Assert.Contains("a fall of 0.15, the greatest of a class, at most 0.15 allowed", allowed.Reason, StringComparison.Ordinal);
        Assert.True(Gate.Decide(current, candidate, new GateOptions { MinimumPerClass = 41 }).Promote);
    }

    [Theory]
    [InlineData(GateMetric.Accuracy)]
    [InlineData(GateMetric.MacroF1)]
    [InlineData(GateMetric.Auc)]
    public void A_metric_of_which_more_is_better_promotes_the_greater(GateMetric metric) => PromotesTheBetter(
        metric, TwoClasses(0.9f, 0.8f, 0.85f, 0.3f), TwoClasses(0.9f, 0.8f, 0.2f, 0.1f));

    [Theory]
    [InlineData(GateMetric.MeanAbsoluteError)]
    [InlineData(GateMetric.MeanSquaredError)]
    [InlineData(GateMetric.EditDistance)]
    public void A_metric_of_which_less_is_better_promotes_the_less(GateMetric metric) => PromotesTheBetter(
        metric,
        new SampleScores([.. Enumerable.Repeat(new SampleScore { Loss = 1, AbsoluteError = 2, SquaredError = 4, EditDistance = 0.5 }, 40)]),
        new SampleScores([.. Enumerable.Repeat(new SampleScore { Loss = 1, AbsoluteError = 1, SquaredError = 1, EditDistance = 0.25 }, 40)]));

    private static void PromotesTheBetter(GateMetric metric, SampleScores worse, SampleScores better)
    {
        var options = new GateOptions { Metric = metric, MaximumLossPerClass = 1 };
        var up = Gate.Decide(new MeasuredModel(worse, null), new MeasuredModel(better, null), options);
        Assert.True(up.Promote, up.Reason);
        Assert.False(Gate.Decide(new MeasuredModel(better, null), new MeasuredModel(worse, null), options).Promote);
        Assert.False(Gate.Decide(new MeasuredModel(better, null), new MeasuredModel(better, null), options).Promote);
    }

    private static MeasuredModel Accuracies(double heldOut, double golden) =>
        new(FakeEngine.Scores(heldOut, 50), golden < 0 ? null : FakeEngine.Scores(golden, 100));

    private static SampleScores Losses(double loss, int count) => new([.. Enumerable.Repeat(new SampleScore { Loss = loss }, count)]);

    private static bool[] Answers(int count, int[] wrong) => [.. Enumerable.Range(0, count).Select(index => !wrong.Contains(index))];

    /// <summary>Samples of the classes 0 and 1 by turns.</summary>
    private static SampleScores Classes(bool[] right) => new([.. right.Select(static (isRight, index) => Score(index % 2, isRight))]);

    private static SampleScore Score(int label, bool isRight) => new()
    {
        Loss = isRight ? 0.1 : 2,
        Answers = 1,
        Right = isRight ? 1 : 0,
        Classes = isRight ? [new ClassTally(label, 1, 1, 1)] : [new ClassTally(label, 1, 0, 0), new ClassTally(1 - label, 0, 1, 0)],
    };

    /// <summary>Ten times the four probabilities of the first class, of which it is right for the first and the third.</summary>
    private static SampleScores TwoClasses(params float[] first)
    {
        var samples = Enumerable.Range(0, 40).Select(index => (Probability: first[index % 4], Label: index % 4 is 0 or 1 ? 0 : 1)).ToList();
        return new SampleScores(
            [.. samples.Select(static sample => Score(sample.Label, sample.Probability > 0.5f == (sample.Label == 0)))],
            new ClassProbabilities(1, [.. samples.Select(static sample => sample.Probability)], [.. samples.Select(static sample => sample.Label == 0)]));
    }
}
