using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>A metric over a choice of samples, in which some may occur several times.</summary>
/// <param name="counts">How often each sample is taken.</param>
/// <returns>The value; NaN where it is not defined, for instance because no sample is taken.</returns>
internal delegate double MetricOver(ReadOnlySpan<int> counts);

/// <summary>A metric that the gate can compare models by.</summary>
internal interface IGateMetric
{
    /// <summary>What options name it by.</summary>
    GateMetric Kind { get; }

    /// <summary>What reasons name it by.</summary>
    string Name { get; }

    /// <summary>Whether the greater value is the better one.</summary>
    bool MoreIsBetter { get; }

    /// <summary>Whether models with such targets have it.</summary>
    bool Suits(TargetKind target);

    /// <summary>Does once what every resample needs; null where the scores do not have what the metric is made of.</summary>
    MetricOver? Prepare(SampleScores scores);
}
