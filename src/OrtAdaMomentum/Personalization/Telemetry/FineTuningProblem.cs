namespace OrtAdaMomentum.Personalization;

/// <summary>What can be wrong with the service while it goes on.</summary>
public enum FineTuningProblemKind
{
    /// <summary>No version of the model can be served.</summary>
    Serving,

    /// <summary>Samples cannot be stored or read.</summary>
    SampleStore,

    /// <summary>The key that samples are encrypted with is missing or another.</summary>
    SampleKey,

    /// <summary>A version, or the pointer to the current one, is damaged; another version is served.</summary>
    Registry,

    /// <summary>Runs fail; the next one is tried after a delay.</summary>
    Training,

    /// <summary>Changed options were refused or need a restart, or a name in the configuration is no option's.</summary>
    Configuration,
}

/// <summary>Something that is wrong now.</summary>
/// <param name="Kind">What.</param>
/// <param name="Message">What exactly, and what to do about it.</param>
/// <param name="Since">When it was first seen.</param>
public sealed record FineTuningProblem(FineTuningProblemKind Kind, string Message, DateTimeOffset Since);
