using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The gradient of one direction of a recurrent layer, taken back step by step: each multiplies the gradients of the step behind it by weights
/// that are packed once, and goes through the gates of a few units at a time.
/// </summary>
internal static unsafe class RecurrentBackward
{
    /// <summary>Computes all steps.</summary>
    public static void Run<TCells>(in TCells cells, Scratch scratch, KernelThreads threads, VectorWidth? width)
        where TCells : unmanaged, IBackwardCells =>
        KernelWidth.Run(cells, scratch, threads, width, &Run<TCells, Lanes16>, &Run<TCells, Lanes8>, &Run<TCells, Lanes4>, &Run<TCells, Lanes1>);

    private static void Run<TCells, T>(in TCells cells, Scratch scratch, KernelThreads threads)
        where TCells : unmanaged, IBackwardCells
        where T : struct, ILanes<T>
    {
        BackwardSequence sequence = cells.Sequence;
        RecurrentExtents extents = sequence.Extents;
        State<TCells> state = new() { Cells = cells, Panels = new(sequence.R, TCells.Gates, extents.Hidden, extents.Batch) };
        state.Panels.Take<T>(scratch, threads);
        state.Cells.Begin();
        for (; state.Walked < extents.Steps; state.Walked++)
            threads.For(state.Panels.Blocks, &Units<TCells, T>, &state);
        if (cells.ReachesFirst)
            threads.For(state.Panels.Blocks, &First<TCells, T>, &state);
    }

    /// <summary>One step of as many units as a tile is wide.</summary>
    private static void Units<TCells, T>(void* state, int block)
        where TCells : unmanaged, IBackwardCells
        where T : struct, ILanes<T>
    {
        State<TCells> all = *(State<TCells>*)state;
        BackwardSequence sequence = all.Cells.Sequence;
        RecurrentExtents extents = sequence.Extents;
        int first = block * Tile.Width<T>(), count = Math.Min(Tile.Width<T>(), extents.Hidden - first);
        float* products = all.Panels.Multiply<T>(all.Walked, block, sequence.LastHidden);
        for (int unit = 0; unit < count; unit += T.Count)
            all.Cells.Close<T>(all.Walked, products + unit, first + unit, Math.Min(T.Count, count - unit));
        nint step = extents.Step(extents.Steps - 1 - all.Walked);
        all.Panels.Put<T>(all.Walked, sequence.Products + (step * extents.StateLength * TCells.Gates), first, count);
    }

    /// <summary>What remains behind the last step that is walked.</summary>
    private static void First<TCells, T>(void* state, int block)
        where TCells : unmanaged, IBackwardCells
        where T : struct, ILanes<T>
    {
        State<TCells> all = *(State<TCells>*)state;
        BackwardSequence sequence = all.Cells.Sequence;
        int width = Tile.Width<T>(), first = block * width;
        all.Cells.End(all.Panels.Multiply<T>(all.Walked, block, sequence.LastHidden), width, first, Math.Min(width, sequence.Extents.Hidden - first));
    }

    private struct State<TCells>
        where TCells : unmanaged, IBackwardCells
    {
        public TCells Cells;

        /// <summary>How many steps have been taken back.</summary>
        public int Walked;

        public GradientPanels Panels;
    }
}
