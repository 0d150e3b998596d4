namespace OrtAdaMomentum.Onnx;

/// <summary>A model file cannot be used: not ONNX, truncated, over a limit, unsafe, or of a kind that cannot be trained.</summary>
public sealed class OnnxModelException : FineTuningException
{
    /// <summary>An error with a message.</summary>
    public OnnxModelException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public OnnxModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
