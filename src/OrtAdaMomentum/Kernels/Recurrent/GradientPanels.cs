using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The products of a recurrence taken back: the gradients of a step's gates, [batch, gates × hidden], times the weights of the hidden state,
/// [gates × hidden, hidden]. The weights are packed once; the gradients are packed by each step for the next, so that there are two of them
/// in turn.
/// </summary>
internal unsafe struct GradientPanels(float* weights, int gates, int hidden, int batch)
{
    private float* _panels;
    private float* _rows;
    private nint _rowsLength;

    private readonly int Depth => gates * hidden;

    /// <summary>Panels that the units take: as many pieces a step has.</summary>
    public int Blocks { get; private set; }

    /// <summary>Takes memory and packs the weights.</summary>
    public void Take<T>(Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        Blocks = RightPanels.Count<T>(hidden);
        _rowsLength = RowPanels.Length<T>(batch, Depth);
        nint length = Blocks * RightPanels.Length<T>(Depth);
        _panels = scratch.Floats(length + (2 * _rowsLength));
        _rows = _panels + length;
        new Span<float>(_rows, checked((int)(2 * _rowsLength))).Clear();
        fixed (GradientPanels* state = &this)
            threads.For(Blocks, &Pack<T>, state);
    }

    /// <summary>
    /// What the step walked before gives to the gradient of some units of the hidden state: [batch, a tile's width] with padding behind the batch.
    /// </summary>
    /// <param name="walked">How many steps have been taken back.</param>
    /// <param name="block">Which units.</param>
    /// <param name="last">What it is before the first of them, the gradient of the last hidden state, [batch, hidden]; zero where null.</param>
    public readonly float* Multiply<T>(int walked, int block, float* last)
        where T : struct, ILanes<T>
    {
        int width = Tile.Width<T>(), first = block * width, count = Math.Min(width, hidden - first);
        float* products = Scratch.OfThread.Floats(RowPanels.Length<T>(batch, width));
        if (walked > 0)
        {
            RightPanels.Multiply<T>(_rows + ((walked & 1) * _rowsLength), batch, Depth, _panels + (block * RightPanels.Length<T>(Depth)), products);
            return products;
        }

        new Span<float>(products, batch * width).Clear();
        for (int row = 0; last != null && row < batch; row++)
            new Span<float>(last + ((nint)row * hidden) + first, count).CopyTo(new(products + (row * width), count));
        return products;
    }

    /// <summary>Packs the gradients of the gates of some units for the step walked next.</summary>
    public readonly void Put<T>(int walked, float* gradients, int first, int count)
        where T : struct, ILanes<T>
    {
        for (int gate = 0; gate < gates; gate++)
        {
            int begin = (gate * hidden) + first;
            RowPanels.PackStretch<T>(gradients + begin, Depth, batch, Depth, begin, count, _rows + ((~walked & 1) * _rowsLength));
        }
    }

    private static void Pack<T>(void* state, int block)
        where T : struct, ILanes<T> => ((GradientPanels*)state)->Pack<T>(block);

    private readonly void Pack<T>(int block)
        where T : struct, ILanes<T>
    {
        int first = block * Tile.Width<T>();
        RightPanels.Pack<T>(
            weights + first, hidden, Math.Min(Tile.Width<T>(), hidden - first), Depth, _panels + (block * RightPanels.Length<T>(Depth)));
    }
}
