namespace OrtAdaMomentum.Training;

/// <summary>Whether this library's kernels compute parts of a training step.</summary>
public enum KernelUse
{
    /// <summary>
    /// They compute what they compute faster than ONNX Runtime's ordinary operators, on the processor. On any other execution provider, and
    /// where the native library takes no operators from outside, ordinary operators compute everything.
    /// </summary>
    On,

    /// <summary>Ordinary operators compute everything.</summary>
    Off,
}
