namespace OrtAdaMomentum.Personalization;

/// <summary>What is kept of the first requests over a restart. It holds counts, no request.</summary>
/// <param name="Version">Id of the version that they were made to.</param>
/// <param name="Features">The distribution of each feature.</param>
internal sealed record DriftReference(string Version, IReadOnlyDictionary<string, ReferenceDistribution> Features);
