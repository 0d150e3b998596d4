using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>The mean square of the errors.</summary>
internal sealed class MeanSquaredErrorMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.MeanSquaredError;

    public string Name => "mean squared error";

    public bool MoreIsBetter => false;

    public bool Suits(TargetKind target) => target == TargetKind.Value;

    public MetricOver? Prepare(SampleScores scores) => GateMetrics.Mean([.. scores.Samples.Select(static sample => sample.SquaredError)]);
}
