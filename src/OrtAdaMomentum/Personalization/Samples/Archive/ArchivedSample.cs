namespace OrtAdaMomentum.Personalization;

/// <summary>A sample as an archive has it.</summary>
/// <param name="Names">Key, subject and source.</param>
/// <param name="Role">What it is used for.</param>
/// <param name="Received">When it came, in milliseconds since 1970 (UTC).</param>
/// <param name="IsNew">Whether no run has used it yet.</param>
/// <param name="Content">Its encoded tensors.</param>
internal sealed record ArchivedSample(SampleNames Names, SampleRole Role, long Received, bool IsNew, byte[] Content);
