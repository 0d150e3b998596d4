namespace OrtAdaMomentum.Personalization;

/// <summary>The store of samples cannot be opened, read or written; the message says which file, why, and what to do.</summary>
public sealed class SampleStoreException : FineTuningException
{
    /// <summary>An error with a message.</summary>
    public SampleStoreException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and what caused it.</summary>
    public SampleStoreException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>An error of a kind, with a message and what caused it, if that is known.</summary>
    public SampleStoreException(SampleStoreProblem problem, string message, Exception? inner = null)
        : base(message, inner!) => Problem = problem;

    /// <summary>What kind of problem it is.</summary>
    public SampleStoreProblem Problem { get; }
}
