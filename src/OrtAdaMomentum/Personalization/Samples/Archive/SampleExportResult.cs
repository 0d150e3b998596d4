namespace OrtAdaMomentum.Personalization;

/// <summary>What was exported.</summary>
/// <param name="Samples">Samples in the archive.</param>
/// <param name="Damaged">Samples that were left out because they cannot be read.</param>
public sealed record SampleExportResult(long Samples, long Damaged);
