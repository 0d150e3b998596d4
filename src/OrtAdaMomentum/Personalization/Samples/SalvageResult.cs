namespace OrtAdaMomentum.Personalization;

/// <summary>What could be copied from a damaged store.</summary>
/// <param name="Copied">Samples that are in the new file.</param>
/// <param name="Damaged">Samples that are there but whose content cannot be read.</param>
/// <param name="Unreadable">
/// Places at which the file cannot be read. At most as many samples are lost there; places of samples that were removed before count too.
/// </param>
public sealed record SalvageResult(long Copied, long Damaged, long Unreadable);
