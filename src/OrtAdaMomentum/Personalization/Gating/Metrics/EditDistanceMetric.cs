using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>The mean distance of decoded sequences from their targets.</summary>
internal sealed class EditDistanceMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.EditDistance;

    public string Name => "edit distance";

    public bool MoreIsBetter => false;

    public bool Suits(TargetKind target) => target == TargetKind.ClassSequence;

    public MetricOver? Prepare(SampleScores scores) => GateMetrics.Mean([.. scores.Samples.Select(static sample => sample.EditDistance)]);
}
