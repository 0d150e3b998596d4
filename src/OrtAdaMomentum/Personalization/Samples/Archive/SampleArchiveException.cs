namespace OrtAdaMomentum.Personalization;

/// <summary>An archive of samples is none, cut, altered, or has more than is allowed; nothing of it was added.</summary>
public sealed class SampleArchiveException : FineTuningException
{
    /// <summary>An error with a message.</summary>
    public SampleArchiveException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and what caused it.</summary>
    public SampleArchiveException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
