namespace OrtAdaMomentum.Training.Data;

/// <summary>Data cannot be used: unreadable, damaged, over a limit, or not what the model takes. The message names the file and the place.</summary>
public sealed class DatasetException : FineTuningException
{
    /// <summary>An error with a message.</summary>
    public DatasetException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public DatasetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
