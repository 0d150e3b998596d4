using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>The metrics that the gate knows.</summary>
internal static class GateMetrics
{
    private static readonly IGateMetric[] All =
    [
        new AccuracyMetric(),
        new LossMetric(),
        new MacroF1Metric(),
        new AucMetric(),
        new MeanAbsoluteErrorMetric(),
        new MeanSquaredErrorMetric(),
        new EditDistanceMetric(),
    ];

    public static IGateMetric Of(GateMetric kind) => Array.Find(All, metric => metric.Kind == kind)
        ?? throw new FineTuningException($"There is no metric {kind}. Metrics: {string.Join(", ", All.Select(static metric => metric.Kind))}.");

    /// <summary>The metrics that models with such targets have.</summary>
    public static IEnumerable<GateMetric> For(TargetKind target) => All.Where(metric => metric.Suits(target)).Select(static metric => metric.Kind);

    public static bool IsAboutClasses(TargetKind target) =>
        target is TargetKind.ClassIndex or TargetKind.ClassProbabilities or TargetKind.Probability;

    /// <summary>The mean of a number that every sample has.</summary>
    public static MetricOver Mean(double[] values) => counts =>
    {
        double sum = 0;
        long taken = 0;
        for (int sample = 0; sample < values.Length; sample++)
        {
            // Not multiplied by 0: a loss that is not finite must not spoil a choice without its sample.
            if (counts[sample] == 0)
                continue;
            sum += counts[sample] * values[sample];
            taken += counts[sample];
        }

        return sum / taken;
    };
}
