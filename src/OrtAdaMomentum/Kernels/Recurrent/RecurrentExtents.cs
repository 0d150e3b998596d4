namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>Extents of one direction of a recurrent layer.</summary>
/// <param name="Steps">Length of the sequences.</param>
/// <param name="Batch">Number of sequences.</param>
/// <param name="Inputs">Elements of the input of a step.</param>
/// <param name="Hidden">Number of units.</param>
/// <param name="Directions">Directions of the layer, whose outputs lie one after another in each step.</param>
/// <param name="IsReverse">Whether the sequence is walked from its end.</param>
internal readonly record struct RecurrentExtents(int Steps, int Batch, int Inputs, int Hidden, int Directions, bool IsReverse)
{
    /// <summary>Floats of a state of the whole batch.</summary>
    public nint StateLength => (nint)Batch * Hidden;

    /// <summary>Floats of the layer's output from a step to the next.</summary>
    public nint OutputStride => Directions * StateLength;

    /// <summary>Where in the sequence the step lies that is walked as that one.</summary>
    public int Step(int walked) => IsReverse ? Steps - 1 - walked : walked;
}
