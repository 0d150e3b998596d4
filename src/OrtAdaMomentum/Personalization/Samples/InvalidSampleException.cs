namespace OrtAdaMomentum.Personalization;

/// <summary>A sample does not fit the model: a tensor is missing or of another type or shape, or a value is out of its range.</summary>
public sealed class InvalidSampleException : FineTuningException
{
    /// <summary>An error with a message.</summary>
    public InvalidSampleException(string message)
        : base(message)
    {
    }
}
