using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>What cells of one kind make of their products.</summary>
internal unsafe interface IForwardCells
{
    /// <summary>Products with the input and the hidden state that a unit has.</summary>
    static abstract int Gates { get; }

    /// <summary>Numbers that a unit keeps of a step, at least as many.</summary>
    static abstract int Kept { get; }

    ForwardSequence Sequence { get; }

    /// <summary>Opens the gates of a register's units for the whole batch.</summary>
    /// <param name="walked">The step, counted in the order in which they are walked.</param>
    /// <param name="products">For each gate, the products of the hidden state: [batch, a tile's width] with padding behind the batch.</param>
    /// <param name="unit">The first unit.</param>
    /// <param name="count">Number of units.</param>
    void Open<T>(int walked, float* products, int unit, int count)
        where T : struct, ILanes<T>;
}
