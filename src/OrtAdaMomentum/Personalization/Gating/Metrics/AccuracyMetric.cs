using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>Right answers among all answers.</summary>
internal sealed class AccuracyMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.Accuracy;

    public string Name => "accuracy";

    public bool MoreIsBetter => true;

    public bool Suits(TargetKind target) => GateMetrics.IsAboutClasses(target);

    public MetricOver? Prepare(SampleScores scores)
    {
        if (scores.Summary.Accuracy is null)
            return null;
        int[] right = [.. scores.Samples.Select(static sample => sample.Right)], answers = [.. scores.Samples.Select(static sample => sample.Answers)];
        return counts =>
        {
            long rightTaken = 0, taken = 0;
            for (int sample = 0; sample < right.Length; sample++)
            {
                rightTaken += (long)counts[sample] * right[sample];
                taken += (long)counts[sample] * answers[sample];
            }

            return (double)rightTaken / taken;
        };
    }
}
