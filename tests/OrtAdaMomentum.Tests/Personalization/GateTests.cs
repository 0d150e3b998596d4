using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Personalization;

public class GateTests
{
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
    public void A_candidate_has_to_gain_on_new_samples_and_keep_the_old(double currentNew, double candidateNew, double currentOld, double candidateOld, bool passes)
    {
        var decision = Gate.Decide(
            Accuracies(currentNew, currentOld),
            Accuracies(candidateNew, candidateOld),
            new GateOptions { MinimumGain = 0.01, MaximumLossOnOld = 0.02 });

        Assert.Equal(passes, decision.Promote);
    }

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
            new ModelScores(new Evaluation(currentNew, null, 50), new Evaluation(currentOld, null, 100)),
            new ModelScores(new Evaluation(candidateNew, null, 50), new Evaluation(candidateOld, null, 100)),
            new GateOptions { Metric = GateMetric.Loss, MinimumGain = 0.01, MaximumLossOnOld = 0.02 });

        Assert.Equal(passes, decision.Promote);
    }

    [Fact]
    public void The_reason_names_the_numbers()
    {
        var options = new GateOptions { MinimumGain = 0.01, MaximumLossOnOld = 0.02 };

        Assert.Equal(
            "accuracy on 50 held-out samples 0.8 -> 0.9: a gain of 0.1, at least 0.01 required; accuracy on 100 golden samples 0.95 -> 0.94: a fall of 0.01, at most 0.02 allowed.",
            Gate.Decide(Accuracies(0.8, 0.95), Accuracies(0.9, 0.94), options).Reason);
        Assert.Equal(
            "accuracy on 50 held-out samples 0.8 -> 0.9: a gain of 0.1, at least 0.01 required; but accuracy on 100 golden samples 0.95 -> 0.9: a fall of 0.05, more than the allowed 0.02.",
            Gate.Decide(Accuracies(0.8, 0.95), Accuracies(0.9, 0.9), options).Reason);
        Assert.Equal(
            "accuracy on 50 held-out samples 0.8 -> 0.75: a gain of -0.05, less than the required 0.01.",
            Gate.Decide(Accuracies(0.8, -1), Accuracies(0.75, -1), options).Reason);
    }

    [Fact]
    public void Nothing_passes_without_held_out_samples()
    {
        var decision = Gate.Decide(new ModelScores(null, new Evaluation(1, 0.5, 10)), new ModelScores(null, new Evaluation(0.1, 0.9, 10)), new GateOptions());
        Assert.False(decision.Promote);
        Assert.Equal("There are no held-out samples to compare on.", decision.Reason);
    }

    [Fact]
    public void Nothing_passes_on_a_metric_that_the_models_do_not_have()
    {
        var scores = new ModelScores(new Evaluation(1, null, 10), null);
        Assert.False(Gate.Decide(scores, scores, new GateOptions { MinimumGain = 0 }).Promote);
    }

    [Fact]
    public void Golden_samples_measured_on_one_side_only_stop_a_candidate() =>
        Assert.False(Gate.Decide(Accuracies(0.8, 0.9), Accuracies(0.9, -1), new GateOptions()).Promote);

    private static ModelScores Accuracies(double heldOut, double golden) =>
        new(new Evaluation(1, heldOut, 50), golden < 0 ? null : new Evaluation(1, golden, 100));
}
