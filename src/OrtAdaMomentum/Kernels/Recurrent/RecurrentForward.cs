using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// One direction of a recurrent layer. The inputs are multiplied for all steps at once; then each step multiplies the hidden state by weights
/// that are packed once, and opens the gates of a few units at a time.
/// </summary>
internal static unsafe class RecurrentForward
{
    /// <summary>Computes all steps.</summary>
    public static void Run<TCells>(in TCells cells, Scratch scratch, KernelThreads threads, VectorWidth? width)
        where TCells : unmanaged, IForwardCells =>
        KernelWidth.Run(cells, scratch, threads, width, &Run<TCells, Lanes16>, &Run<TCells, Lanes8>, &Run<TCells, Lanes4>, &Run<TCells, Lanes1>);

    private static void Run<TCells, T>(in TCells cells, Scratch scratch, KernelThreads threads)
        where TCells : unmanaged, IForwardCells
        where T : struct, ILanes<T>
    {
        ForwardSequence sequence = cells.Sequence;
        RecurrentExtents extents = sequence.Extents;
        int hidden = extents.Hidden;
        Sgemm.Arguments ofInput = new()
        {
            Rows = extents.Steps * extents.Batch, Columns = TCells.Gates * hidden, Depth = extents.Inputs, A = sequence.X, AStride = extents.Inputs,
            B = sequence.W, BStride = extents.Inputs, TransposeB = true, C = sequence.Opened, CStride = TCells.Kept * hidden,
        };
        Sgemm.Run<T>(ofInput, scratch, threads);

        State<TCells> state = new() { Cells = cells, Panels = new(sequence.R, TCells.Gates, hidden, extents.Batch) };
        state.Panels.Take<T>(scratch, threads, sequence.InitialHidden);
        for (; state.Walked < extents.Steps; state.Walked++)
            threads.For(state.Panels.Blocks, &Units<TCells, T>, &state);
    }

    /// <summary>One step of as many units as a tile is wide.</summary>
    private static void Units<TCells, T>(void* state, int block)
        where TCells : unmanaged, IForwardCells
        where T : struct, ILanes<T>
    {
        State<TCells> all = *(State<TCells>*)state;
        ForwardSequence sequence = all.Cells.Sequence;
        RecurrentExtents extents = sequence.Extents;
        int first = block * Tile.Width<T>(), count = Math.Min(Tile.Width<T>(), extents.Hidden - first);
        float* products = all.Panels.Multiply<T>(all.Walked, block);
        for (int unit = 0; unit < count; unit += T.Count)
            all.Cells.Open<T>(all.Walked, products + unit, first + unit, Math.Min(T.Count, count - unit));
        all.Panels.Put<T>(all.Walked, sequence.Y + (extents.Step(all.Walked) * extents.OutputStride), first, count);
    }

    private struct State<TCells>
        where TCells : unmanaged, IForwardCells
    {
        public TCells Cells;

        /// <summary>The step, counted in the order in which they are walked.</summary>
        public int Walked;

        public HiddenPanels Panels;
    }
}
