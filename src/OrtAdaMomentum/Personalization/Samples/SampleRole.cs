namespace OrtAdaMomentum.Personalization;

/// <summary>What a stored sample is used for. It is decided once, when the sample comes in, and never changes.</summary>
public enum SampleRole
{
    /// <summary>The model learns from it.</summary>
    Training,

    /// <summary>The model never learns from it; candidates are measured on it.</summary>
    HeldOut,
}

/// <summary>A sample with its role.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Role">What it is used for.</param>
public sealed record StoredSample(Sample Sample, SampleRole Role)
{
    /// <summary>Label of the version that was served when the sample came in; null where none was, as for an imported sample.</summary>
    public string? AnsweredBy { get; init; }
}
