namespace OrtAdaMomentum.Personalization;

/// <summary>Whether a candidate replaces the current version, and why.</summary>
/// <param name="Promote">Whether it does.</param>
/// <param name="Reason">The reason, with the numbers that decided.</param>
/// <param name="Current">What the current version reached.</param>
/// <param name="Candidate">What the candidate reached.</param>
public sealed record GateDecision(bool Promote, string Reason, ModelScores Current, ModelScores Candidate)
{
    /// <summary>
    /// Share of the new samples whose label had a higher loss by the current version than all but a hundredth of the golden samples, 0 to 1; null without
    /// golden samples.
    /// </summary>
    public double? SuspectLabels { get; init; }

    /// <summary>The comparison on held-out samples; null where there was none.</summary>
    public GateComparison? HeldOut { get; init; }

    /// <summary>The comparison on golden samples; null where there was none.</summary>
    public GateComparison? Golden { get; init; }
}
