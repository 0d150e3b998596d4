using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The products of a recurrence: the hidden state of a step, [batch, hidden], times the weights of all gates, [gates × hidden, hidden] turned.
/// The weights are packed once; the state is packed by each step for the next, so that there are two of them in turn.
/// </summary>
internal unsafe struct HiddenPanels(float* weights, int gates, int hidden, int batch)
{
    private float* _panels;
    private float* _rows;
    private nint _rowsLength;

    /// <summary>Panels that the units of a gate take: as many pieces a step has.</summary>
    public int Blocks { get; private set; }

    /// <summary>Takes memory and packs weights and first state.</summary>
    /// <param name="scratch">Where the memory comes from.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="initial">The state before the first step; zero where null.</param>
    public void Take<T>(Scratch scratch, KernelThreads threads, float* initial)
        where T : struct, ILanes<T>
    {
        Blocks = RightPanels.Count<T>(hidden);
        _rowsLength = RowPanels.Length<T>(batch, hidden);
        nint length = gates * Blocks * RightPanels.Length<T>(hidden);
        _panels = scratch.Floats(length + (2 * _rowsLength));
        _rows = _panels + length;
        new Span<float>(_rows, checked((int)(2 * _rowsLength))).Clear();
        if (initial != null)
            RowPanels.PackStretch<T>(initial, hidden, batch, hidden, 0, hidden, _rows);
        fixed (HiddenPanels* state = &this)
            threads.For(gates * Blocks, &Pack<T>, state);
    }

    /// <summary>The products of a step for the units of a block: for each gate, [batch, a tile's width] with padding behind the batch.</summary>
    public readonly float* Multiply<T>(int step, int block)
        where T : struct, ILanes<T>
    {
        nint length = RowPanels.Length<T>(batch, Tile.Width<T>()), panel = RightPanels.Length<T>(hidden);
        float* products = Scratch.OfThread.Floats(gates * length);
        for (int gate = 0; gate < gates; gate++)
        {
            RightPanels.Multiply<T>(
                _rows + ((step & 1) * _rowsLength), batch, hidden, _panels + (((gate * Blocks) + block) * panel), products + (gate * length));
        }

        return products;
    }

    /// <summary>Packs what a step gives to some units of the state behind it.</summary>
    public readonly void Put<T>(int step, float* state, int first, int count)
        where T : struct, ILanes<T> =>
        RowPanels.PackStretch<T>(state + first, hidden, batch, hidden, first, count, _rows + ((~step & 1) * _rowsLength));

    private static void Pack<T>(void* state, int panel)
        where T : struct, ILanes<T> => ((HiddenPanels*)state)->Pack<T>(panel);

    private readonly void Pack<T>(int panel)
        where T : struct, ILanes<T>
    {
        int gate = panel / Blocks, first = panel % Blocks * Tile.Width<T>();
        RightPanels.PackTurned<T>(
            weights + ((((nint)gate * hidden) + first) * hidden), hidden, Math.Min(Tile.Width<T>(), hidden - first), hidden,
            _panels + (panel * RightPanels.Length<T>(hidden)));
    }
}
