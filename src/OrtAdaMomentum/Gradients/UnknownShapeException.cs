namespace OrtAdaMomentum.Gradients;

/// <summary>A gradient needs to know more of a value's shape than the model and ONNX Runtime tell.</summary>
public sealed class UnknownShapeException : FineTuningException
{
    /// <summary>Names the value and what is not known of it.</summary>
    public UnknownShapeException(string value, string what)
        : base($"The shape of value '{value}' is not known well enough: {what}.")
    {
    }
}
