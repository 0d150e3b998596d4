namespace OrtAdaMomentum.Personalization;

/// <summary>A stored sample that was given its target, or another one.</summary>
/// <param name="Sample">The sample with the target that it has now.</param>
/// <param name="IsChanged">Whether it had another target before, or none.</param>
/// <param name="WasUsed">Whether a run has learned from it, or measured on it, with the target that it had before.</param>
/// <param name="AnsweredBy">Label of the version that was served when the sample came in; null where that is not known.</param>
public sealed record CorrectedSample(Sample Sample, bool IsChanged, bool WasUsed, string? AnsweredBy);
