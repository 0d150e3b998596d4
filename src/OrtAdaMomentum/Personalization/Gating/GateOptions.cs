namespace OrtAdaMomentum.Personalization;

/// <summary>What the gate compares.</summary>
public enum GateMetric
{
    /// <summary>Share of right answers; more is better.</summary>
    Accuracy,

    /// <summary>The loss; less is better.</summary>
    Loss,
}

/// <summary>When a candidate replaces the current version.</summary>
public sealed class GateOptions
{
    /// <summary>What is compared. Default: accuracy; choose loss where the target is no class.</summary>
    public GateMetric Metric { get; set; } = GateMetric.Accuracy;

    /// <summary>By how much, at least, the candidate has to be better on held-out samples. In units of the metric. Default: 0.005.</summary>
    public double MinimumGain { get; set; } = 0.005;

    /// <summary>By how much, at most, the candidate may be worse on golden samples. In units of the metric. Default: 0.01.</summary>
    public double MaximumLossOnOld { get; set; } = 0.01;
}
