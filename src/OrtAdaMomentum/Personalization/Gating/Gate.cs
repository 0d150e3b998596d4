using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>Compares a candidate with the current version. A function of its arguments alone.</summary>
public static class Gate
{
    // Differences of shares such as 0.9 - 0.895 miss the decimal threshold by rounding; this is far below what a sample can change.
    private const double Rounding = 1e-9;

    /// <summary>Decides whether the candidate is better on new samples, surely, and not too much worse on old ones and on any class.</summary>
    /// <param name="current">The current version's scores.</param>
    /// <param name="candidate">The candidate's scores on the same samples.</param>
    /// <param name="options">What is required.</param>
    /// <param name="heldOutSubjects">The subject of each held-out sample, null for one without; null where none has one.</param>
    public static GateDecision Decide(
        MeasuredModel current, MeasuredModel candidate, GateOptions options, IReadOnlyList<string?>? heldOutSubjects = null)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(options);
        var heldOut = Compare(current.HeldOut, candidate.HeldOut, options, heldOutSubjects, withInterval: true);
        var golden = Compare(current.Golden, candidate.Golden, options, subjects: null, withInterval: false);
        var (refusal, facts) = Judge(current, candidate, heldOut, golden, options);
        string reason = refusal is null ? $"{string.Join("; ", facts)}."
            : facts.Count == 0 ? $"{refusal}."
            : $"{string.Join("; ", facts)}; but {refusal}.";
        return new GateDecision(refusal is null, reason, current.Summary, candidate.Summary) { HeldOut = heldOut, Golden = golden };
    }

    private static GateComparison? Compare(
        SampleScores? current, SampleScores? candidate, GateOptions options, IReadOnlyList<string?>? subjects, bool withInterval) =>
        current is { Samples.Count: > 0 } && candidate is { Samples.Count: > 0 }
            ? ModelComparison.Compare(current, candidate, options, subjects, withInterval)
            : null;

    /// <summary>What speaks against the candidate, null for nothing, and what speaks for it.</summary>
    private static (string? Refusal, List<string> Facts) Judge(
        MeasuredModel current, MeasuredModel candidate, GateComparison? heldOut, GateComparison? golden, GateOptions options)
    {
        var facts = new List<string>();
        if (current.HeldOut is not { Samples.Count: > 0 } || candidate.HeldOut is not { Samples.Count: > 0 } measured)
            return ("There are no held-out samples to compare on", facts);
        if (measured.Samples.Count < options.MinimumHeldOut)
            return ($"There are {measured.Samples.Count} held-out samples to compare on, fewer than the required {options.MinimumHeldOut}", facts);
        if (IsUnusable(measured) || (candidate.Golden is { } scores && IsUnusable(scores)))
            return ("The candidate's loss is not finite", facts);
        if (heldOut is null || double.IsNaN(heldOut.Candidate))
            return ($"The models have no {GateMetrics.Of(options.Metric).Name} to compare on held-out samples; set the gate's metric to another one", facts);
        if (JudgeGain(heldOut, options, facts) is { } noGain)
            return (noGain, facts);
        if (JudgeClasses("held-out", heldOut, options, facts) is { } classFalls)
            return (classFalls, facts);
        if (current.Golden is null && candidate.Golden is null)
            return (null, facts);
        if (golden is null || double.IsNaN(golden.Candidate))
            return ("the golden samples could not be compared on", facts);
        return (JudgeFall(golden, options, facts) ?? JudgeClasses("golden", golden, options, facts), facts);
    }

    private static string? JudgeGain(GateComparison heldOut, GateOptions options, List<string> facts)
    {
        // A current version that has gone wrong is beaten by any candidate that has not.
        bool beaten = !double.IsFinite(heldOut.Current);
        double gain = beaten ? double.PositiveInfinity : heldOut.Gain;
        string onNew = $"{Describe("held-out", heldOut)}: a gain of {Number(gain)}";
        if (!(gain >= options.MinimumGain - Rounding))
            return $"{onNew}, less than the required {Number(options.MinimumGain)}";
        facts.Add($"{onNew}, at least {Number(options.MinimumGain)} required");
        if (beaten || heldOut.Interval is not { } interval)
            return null;
        string sure = $"the gain has a confidence of {Number(interval.Confidence)} and lies between {Number(interval.Lower)} and {Number(interval.Upper)}";
        if (!(interval.Confidence >= options.Confidence))
            return $"{sure}; a confidence of {Number(options.Confidence)} is required";
        facts.Add($"{sure}, a confidence of {Number(options.Confidence)} is required");
        return null;
    }

    private static string? JudgeFall(GateComparison golden, GateOptions options, List<string> facts)
    {
        double change = double.IsFinite(golden.Current) ? golden.Gain : double.PositiveInfinity;
        string onOld = $"{Describe("golden", golden)}: a fall of {Number(Math.Max(0, -change))}";
        if (!(change >= -options.MaximumLossOnOld - Rounding))
            return $"{onOld}, more than the allowed {Number(options.MaximumLossOnOld)}";
        facts.Add($"{onOld}, at most {Number(options.MaximumLossOnOld)} allowed");
        return null;
    }

    private static string? JudgeClasses(string set, GateComparison comparison, GateOptions options, List<string> facts)
    {
        var worst = comparison.Classes.Where(found => found.Labels >= options.MinimumPerClass).MaxBy(static found => found.Fall);
        if (worst is null || worst.Fall <= 0)
            return null;
        string fall = $"class {worst.Class} on {worst.Labels} {set} labels {Number(worst.Current)} -> {Number(worst.Candidate)}: a fall of {Number(worst.Fall)}";
        if (worst.Fall > options.MaximumLossPerClass + Rounding)
            return $"{fall}, more than the allowed {Number(options.MaximumLossPerClass)}";
        facts.Add($"{fall}, the greatest of a class, at most {Number(options.MaximumLossPerClass)} allowed");
        return null;
    }

    private static bool IsUnusable(SampleScores scores) => !double.IsFinite(scores.Summary.Loss);

    private static string Describe(string set, GateComparison comparison)
    {
        string groups = comparison.Groups == comparison.Samples ? "" : $" of {comparison.Groups} groups";
        return $"{GateMetrics.Of(comparison.Metric).Name} on {comparison.Samples} {set} samples{groups} {Number(comparison.Current)} -> {Number(comparison.Candidate)}";
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
