namespace OrtAdaMomentum.Personalization;

/// <summary>How far the latest requests are from the first ones that a version was asked.</summary>
/// <param name="Time">When it was measured.</param>
/// <param name="Version">Id of the version.</param>
/// <param name="Features">What was compared.</param>
public sealed record DriftReport(DateTimeOffset Time, string Version, IReadOnlyList<FeatureDrift> Features)
{
    /// <summary>Whether one of the features is drifting.</summary>
    public bool IsDrifting => Features.Any(static feature => feature.IsDrifting);
}

/// <summary>The drift of one feature.</summary>
/// <param name="Name">
/// Mean and standard deviation of an input's elements, <c>image.mean</c> and <c>image.deviation</c>, or <c>confidence</c>: the greatest class
/// probability; for a model of numbers the mean of its first output, <c>output.mean</c>.
/// </param>
/// <param name="Index">The population stability index, at least 0. Usual reading: below 0.1 none, below 0.25 some, above it a major shift.</param>
/// <param name="IsDrifting">Whether the index reaches the threshold.</param>
public sealed record FeatureDrift(string Name, double Index, bool IsDrifting);
