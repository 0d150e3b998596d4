using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>The mean of the samples' losses.</summary>
internal sealed class LossMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.Loss;

    public string Name => "loss";

    public bool MoreIsBetter => false;

    public bool Suits(TargetKind target) => true;

    public MetricOver? Prepare(SampleScores scores) => GateMetrics.Mean([.. scores.Samples.Select(static sample => sample.Loss)]);
}
