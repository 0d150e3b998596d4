using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// What a recurrent kernel is made for. Attributes: <c>direction</c>, 0 for forward, 1 for reverse, 2 for both; <c>index</c>, which of both
/// a kernel that computes only one is for.
/// </summary>
internal sealed class RecurrentNode
{
    private readonly int _direction;
    private readonly int _index;

    public RecurrentNode(KernelAttributes attributes)
    {
        _direction = (int)attributes.Integer("direction", 0);
        _index = (int)attributes.Integer("index", 0);
        if (_index < 0 || _index >= Directions)
            throw new FineTuningException($"There is no direction {_index}, expected one of {Directions}.");
    }

    /// <summary>Number of directions.</summary>
    public int Directions => _direction == 2 ? 2 : 1;

    /// <summary>The direction of this kernel.</summary>
    public int Index => _index;

    /// <summary>Extents of a direction, from the shape of the input, [steps, batch, inputs], or of any sequence, and that of the hidden state's weights.</summary>
    public RecurrentExtents Extents(KernelShape sequence, KernelShape weights, int direction)
    {
        if (sequence.Rank != 3)
            throw new FineTuningException($"A sequence has {sequence.Rank} axes, expected 3.");
        return new(
            checked((int)sequence[0]), checked((int)sequence[1]), checked((int)sequence[2]), checked((int)weights[-1]), Directions,
            IsReverse: direction == 1 || _direction == 1);
    }
}
