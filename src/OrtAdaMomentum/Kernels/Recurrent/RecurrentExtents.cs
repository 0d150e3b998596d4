namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>Extents of one direction of a recurrent layer.</summary>
/// <param name="Steps">Length of the sequences.</param>
/// <param name="Batch">Number of sequences.</param>
/// <param name="Inputs">Elements of the input of a step.</param>
/// <param name="Hidden">Number of units.</param>
/// <param name="Directions">Directions of the layer, whose outputs lie one after another in each step.</param>
/// <param name="IsReverse">Whether the sequence is walked from its end.</param>
internal readonly unsafe record struct RecurrentExtents(int Steps, int Batch, int Inputs, int Hidden, int Directions, bool IsReverse)
{
    /// <summary>Floats of a state of the whole batch.</summary>
    public nint StateLength => (nint)Batch * Hidden;

    /// <summary>Floats of the layer's output from a step to the next.</summary>
    public nint OutputStride => Directions * StateLength;

    /// <summary>Where in the sequence the step lies that is walked as that one.</summary>
    public int Step(int walked) => IsReverse ? Steps - 1 - walked : walked;

    /// <summary>Copies the state behind the last step: the initial one where there is none, zero where that is null.</summary>
    /// <param name="sequence">The states behind all steps.</param>
    /// <param name="stride">Floats from one to the next.</param>
    /// <param name="initial">The state before the first step.</param>
    /// <param name="to">Where it goes; null where it is not wanted.</param>
    public void CopyLast(float* sequence, nint stride, float* initial, float* to)
    {
        if (to == null)
            return;
        Span<float> last = new(to, checked((int)StateLength));
        if (Steps > 0)
            new Span<float>(sequence + (Step(Steps - 1) * stride), last.Length).CopyTo(last);
        else if (initial != null)
            new Span<float>(initial, last.Length).CopyTo(last);
        else
            last.Clear();
    }
}
