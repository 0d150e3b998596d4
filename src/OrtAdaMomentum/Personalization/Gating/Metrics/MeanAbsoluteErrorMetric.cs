using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>The mean magnitude of the errors.</summary>
internal sealed class MeanAbsoluteErrorMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.MeanAbsoluteError;

    public string Name => "mean absolute error";

    public bool MoreIsBetter => false;

    public bool Suits(TargetKind target) => target == TargetKind.Value;

    public MetricOver? Prepare(SampleScores scores) => GateMetrics.Mean([.. scores.Samples.Select(static sample => sample.AbsoluteError)]);
}
