using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>What cells of one kind make of the gradients that reach them.</summary>
internal unsafe interface IBackwardCells
{
    /// <summary>Products with the hidden state that a unit has.</summary>
    static abstract int Gates { get; }

    BackwardSequence Sequence { get; }

    /// <summary>Whether the gradient of the hidden state before the first step is wanted.</summary>
    bool ReachesFirst { get; }

    /// <summary>Prepares what the cells carry from step to step.</summary>
    void Begin();

    /// <summary>Takes the gradient back through the gates of a register's units for the whole batch.</summary>
    /// <param name="walked">How many steps have been taken back.</param>
    /// <param name="products">What the step walked before gives to the hidden state: [batch, a tile's width] with padding behind the batch.</param>
    /// <param name="unit">The first unit.</param>
    /// <param name="count">Number of units.</param>
    void Close<T>(int walked, float* products, int unit, int count)
        where T : struct, ILanes<T>;

    /// <summary>Takes what reaches the hidden state before the first step.</summary>
    /// <param name="products">As for <see cref="Close"/>.</param>
    /// <param name="width">Floats of a row of them.</param>
    /// <param name="first">The first unit.</param>
    /// <param name="count">Number of units.</param>
    void End(float* products, int width, int first, int count);
}
