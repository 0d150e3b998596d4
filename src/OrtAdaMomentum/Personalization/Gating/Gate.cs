using System.Globalization;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>Compares a candidate with the current version. A function of its arguments alone.</summary>
public static class Gate
{
    // Differences of shares such as 0.9 - 0.895 miss the decimal threshold by rounding; this is far below what a sample can change.
    private const double Rounding = 1e-9;

    /// <summary>Decides whether the candidate is better on new samples and not too much worse on old ones.</summary>
    public static GateDecision Decide(ModelScores current, ModelScores candidate, GateOptions options)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(options);
        var (promote, reason) = Compare(current, candidate, options);
        return new GateDecision(promote, reason, current, candidate);
    }

    private static (bool Promote, string Reason) Compare(ModelScores current, ModelScores candidate, GateOptions options)
    {
        if (current.HeldOut is not { Count: > 0 } currentNew || candidate.HeldOut is not { Count: > 0 } candidateNew)
            return (false, "There are no held-out samples to compare on.");
        if (IsUnusable(candidateNew) || (candidate.Golden is { } scores && IsUnusable(scores)))
            return (false, "The candidate's loss is not finite.");
        if (Gain(currentNew, candidateNew, options.Metric) is not { } gain)
            return (false, "The models have no accuracy to compare; set the gate's metric to Loss.");

        string onNew = Describe("held-out", currentNew, candidateNew, options.Metric);
        // Written so that a current version without a finite loss loses, and NaN never passes.
        if (!(gain >= options.MinimumGain - Rounding))
            return (false, $"{onNew}: a gain of {Number(gain)}, less than the required {Number(options.MinimumGain)}.");
        string gained = $"{onNew}: a gain of {Number(gain)}, at least {Number(options.MinimumGain)} required";

        if (current.Golden is null && candidate.Golden is null)
            return (true, gained + ".");
        if (current.Golden is not { Count: > 0 } currentOld || candidate.Golden is not { Count: > 0 } candidateOld)
            return (false, $"{gained}; but the golden samples could not be compared on.");
        if (Gain(currentOld, candidateOld, options.Metric) is not { } change)
            return (false, "The models have no accuracy to compare on golden samples; set the gate's metric to Loss.");

        string onOld = $"{Describe("golden", currentOld, candidateOld, options.Metric)}: a fall of {Number(Math.Max(0, -change))}";
        return change >= -options.MaximumLossOnOld - Rounding
            ? (true, $"{gained}; {onOld}, at most {Number(options.MaximumLossOnOld)} allowed.")
            : (false, $"{gained}; but {onOld}, more than the allowed {Number(options.MaximumLossOnOld)}.");
    }

    /// <summary>By how much the candidate is better; null when the metric is not there.</summary>
    private static double? Gain(Evaluation current, Evaluation candidate, GateMetric metric)
    {
        if (metric == GateMetric.Accuracy)
            return candidate.Accuracy - current.Accuracy;
        // A current version that has gone wrong is beaten by any candidate with a finite loss.
        return double.IsFinite(current.Loss) ? current.Loss - candidate.Loss : double.PositiveInfinity;
    }

    private static bool IsUnusable(Evaluation evaluation) =>
        !double.IsFinite(evaluation.Loss) || (evaluation.Accuracy is { } accuracy && !double.IsFinite(accuracy));

    private static string Describe(string set, Evaluation current, Evaluation candidate, GateMetric metric) =>
        metric == GateMetric.Accuracy
            ? $"accuracy on {candidate.Count} {set} samples {Number(current.Accuracy)} -> {Number(candidate.Accuracy)}"
            : $"loss on {candidate.Count} {set} samples {Number(current.Loss)} -> {Number(candidate.Loss)}";

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "none";
}
