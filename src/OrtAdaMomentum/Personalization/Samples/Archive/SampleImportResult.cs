namespace OrtAdaMomentum.Personalization;

/// <summary>What was imported.</summary>
/// <param name="Added">Samples that were new to the store.</param>
/// <param name="Known">Samples whose key it had already; they stay as they were.</param>
public sealed record SampleImportResult(long Added, long Known);
