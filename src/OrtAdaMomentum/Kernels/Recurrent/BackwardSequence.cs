namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>Where the gradient of one direction of a recurrent layer is taken back, whatever its cells are.</summary>
/// <param name="extents">Extents.</param>
internal unsafe struct BackwardSequence(RecurrentExtents extents)
{
    public readonly RecurrentExtents Extents => extents;

    /// <summary>Weights of the hidden state, [gates × hidden, hidden].</summary>
    public required float* R;

    /// <summary>Gradient of the last hidden state, [batch, hidden]; zero where null.</summary>
    public float* LastHidden;

    /// <summary>Gradient of the hidden state's products, [steps, batch, gates × hidden], which the cells write step by step.</summary>
    public required float* Products;
}
