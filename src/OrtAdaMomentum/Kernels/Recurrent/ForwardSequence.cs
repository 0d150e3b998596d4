namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>Where one direction of a recurrent layer reads and writes, whatever its cells are.</summary>
internal unsafe struct ForwardSequence
{
    public required RecurrentExtents Extents;

    /// <summary>Input, [steps, batch, inputs].</summary>
    public required float* X;

    /// <summary>Weights of the input, [gates × hidden, inputs].</summary>
    public required float* W;

    /// <summary>Weights of the hidden state, [gates × hidden, hidden].</summary>
    public required float* R;

    /// <summary>Biases of the input's products, then of the hidden state's; may be null.</summary>
    public float* Bias;

    /// <summary>Hidden state before the first step, [batch, hidden]; zero where null.</summary>
    public float* InitialHidden;

    /// <summary>Hidden state behind each step: each [batch, hidden], <see cref="RecurrentExtents.OutputStride"/> from one to the next.</summary>
    public required float* Y;

    /// <summary>What is kept of each step, [steps, batch, kept × hidden]; before the cells open, the products of the input with the weights.</summary>
    public required float* Opened;
}
