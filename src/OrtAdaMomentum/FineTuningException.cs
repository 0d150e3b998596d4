namespace OrtAdaMomentum;

/// <summary>Base of every error this library reports about a model, data, options or files. The message says what is wrong, where, and what to do.</summary>
public class FineTuningException : Exception
{
    /// <summary>An error with a message.</summary>
    public FineTuningException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public FineTuningException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
