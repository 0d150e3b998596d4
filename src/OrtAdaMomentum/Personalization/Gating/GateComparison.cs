namespace OrtAdaMomentum.Personalization;

/// <summary>Two models compared on the same samples.</summary>
/// <param name="Metric">What was compared.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Groups">Number of groups that count as independent of each other: subjects, and samples without one.</param>
/// <param name="Current">What the current version reached.</param>
/// <param name="Candidate">What the candidate reached.</param>
/// <param name="Gain">By how much the candidate is better, in units of the metric; negative where it is worse.</param>
public sealed record GateComparison(GateMetric Metric, int Samples, int Groups, double Current, double Candidate, double Gain)
{
    /// <summary>How sure the gain is; null where that was not asked for.</summary>
    public BootstrapInterval? Interval { get; init; }

    /// <summary>Share of each class's labels that the models found; empty where the target is no class.</summary>
    public IReadOnlyList<ClassComparison> Classes { get; init; } = [];
}

/// <summary>Two models compared on one class.</summary>
/// <param name="Class">The class.</param>
/// <param name="Labels">How often it is in the targets.</param>
/// <param name="Current">Share that the current version found, 0 to 1.</param>
/// <param name="Candidate">Share that the candidate found, 0 to 1.</param>
public sealed record ClassComparison(int Class, int Labels, double Current, double Candidate)
{
    internal double Fall => Current - Candidate;
}

/// <summary>How sure a gain is, of resamples of the samples that it was measured on.</summary>
/// <param name="Confidence">Share of the resamples in which there is a gain, 0 to 1.</param>
/// <param name="Lower">Lower end of the percentile interval of the gain.</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Level">Share of the resamples that the interval holds, 0 to 1.</param>
/// <param name="Resamples">Number of resamples.</param>
public sealed record BootstrapInterval(double Confidence, double Lower, double Upper, double Level, int Resamples);
