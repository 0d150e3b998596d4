using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The gradient of one direction of a long short-term memory, taken back step by step: that of the inputs of all gates, from which those of
/// weights and input follow for all steps at once. With h and c the gradients of hidden state and memory behind a step:
/// c += h o (1 - tanh² memory); then gate by gate the gradient of what it lets through times the slope; before the step h is the product
/// with the weights, and c is c f.
/// </summary>
internal static unsafe class LstmBackward
{
    private const int Gates = LstmForward.Gates;

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        public required RecurrentExtents Extents;

        /// <summary>What the gates let through, [steps, batch, gates × hidden].</summary>
        public required float* Opened;

        /// <summary>The memory behind each step, [steps, batch, hidden].</summary>
        public required float* Cells;

        /// <summary>Weights of the hidden state, [gates × hidden, hidden].</summary>
        public required float* R;

        /// <summary>Memory before the first step, [batch, hidden]; zero where null.</summary>
        public float* InitialCell;

        /// <summary>
        /// Gradient of the hidden states: each [batch, hidden], <see cref="RecurrentExtents.OutputStride"/> from one to the next; zero where null.
        /// </summary>
        public float* Gradient;

        /// <summary>Gradient of the last hidden state besides, [batch, hidden]; zero where null.</summary>
        public float* LastHidden;

        /// <summary>Gradient of the last memory, [batch, hidden]; zero where null.</summary>
        public float* LastCell;

        /// <summary>Gradient of the inputs of the gates, [steps, batch, gates × hidden].</summary>
        public required float* Result;

        /// <summary>Gradient of the hidden state before the first step; may be null.</summary>
        public float* HiddenResult;

        /// <summary>Gradient of the memory before the first step.</summary>
        public required float* CellResult;
    }

    /// <summary>Computes all steps.</summary>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        RecurrentExtents extents = arguments.Extents;
        int state = checked((int)extents.StateLength);
        State own = new() { Arguments = arguments, Panels = new(arguments.R, Gates, extents.Hidden, extents.Batch) };
        own.Panels.Take<T>(scratch, threads);

        // It goes through all steps in its place.
        Span<float> memory = new(arguments.CellResult, state);
        if (arguments.LastCell != null)
            new Span<float>(arguments.LastCell, state).CopyTo(memory);
        else
            memory.Clear();

        for (; own.Walked < extents.Steps; own.Walked++)
            threads.For(own.Panels.Blocks, &Units<T>, &own);
        if (arguments.HiddenResult != null)
            threads.For(own.Panels.Blocks, &First<T>, &own);
    }

    /// <summary>One step of as many units as a tile is wide.</summary>
    private static void Units<T>(void* state, int block)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        RecurrentExtents extents = all.Arguments.Extents;
        int first = block * Tile.Width<T>(), count = Math.Min(Tile.Width<T>(), extents.Hidden - first);
        float* products = all.Panels.Multiply<T>(all.Walked, block, all.Arguments.LastHidden);
        for (int unit = 0; unit < count; unit += T.Count)
            Close<T>(all, products + unit, first + unit, Math.Min(T.Count, count - unit));
        nint step = extents.Step(extents.Steps - 1 - all.Walked);
        all.Panels.Put<T>(all.Walked, all.Arguments.Result + (step * extents.StateLength * Gates), first, count);
    }

    /// <summary>Takes the gradient back through the gates of a register's units for the whole batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Close<T>(in State all, float* products, int unit, int count)
        where T : struct, ILanes<T>
    {
        Arguments own = all.Arguments;
        RecurrentExtents extents = own.Extents;
        int walked = extents.Steps - 1 - all.Walked;
        nint hidden = extents.Hidden, step = extents.Step(walked), gates = (step * extents.StateLength * Gates) + unit;
        float* opened = own.Opened + gates, result = own.Result + gates, cells = own.Cells + (step * extents.StateLength) + unit;
        float* before = walked == 0 ? own.InitialCell : own.Cells + (extents.Step(walked - 1) * extents.StateLength);
        float* gradient = own.Gradient == null ? null : own.Gradient + (step * extents.OutputStride) + unit, memory = own.CellResult + unit;
        T one = T.Splat(1f);
        for (nint row = 0; row < extents.Batch; row++)
        {
            T input = T.LoadFirst(opened, count), output = T.LoadFirst(opened + hidden, count);
            T forget = T.LoadFirst(opened + (2 * hidden), count), block = T.LoadFirst(opened + (3 * hidden), count);
            T seen = Exponential.Tanh(T.LoadFirst(cells, count));
            T h = T.Load(products), c = T.LoadFirst(memory, count);
            if (gradient != null)
                h += T.LoadFirst(gradient + (row * hidden), count);
            c = T.MultiplyAdd(h * output, one - (seen * seen), c);
            (c * block * (input * (one - input))).StoreFirst(result, count);
            (h * seen * (output * (one - output))).StoreFirst(result + hidden, count);
            T kept = before == null ? default : T.LoadFirst(before + (row * hidden) + unit, count);
            (c * kept * (forget * (one - forget))).StoreFirst(result + (2 * hidden), count);
            (c * input * (one - (block * block))).StoreFirst(result + (3 * hidden), count);
            (c * forget).StoreFirst(memory, count);
            products += Tile.Width<T>();
            opened += Gates * hidden;
            result += Gates * hidden;
            cells += hidden;
            memory += hidden;
        }
    }

    /// <summary>What remains behind the last step that is walked.</summary>
    private static void First<T>(void* state, int block)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        RecurrentExtents extents = all.Arguments.Extents;
        int width = Tile.Width<T>(), first = block * width, count = Math.Min(width, extents.Hidden - first);
        float* products = all.Panels.Multiply<T>(all.Walked, block, all.Arguments.LastHidden);
        for (int row = 0; row < extents.Batch; row++)
            new Span<float>(products + (row * width), count).CopyTo(new(all.Arguments.HiddenResult + ((nint)row * extents.Hidden) + first, count));
    }

    private struct State
    {
        public Arguments Arguments;

        /// <summary>How many steps have been taken back.</summary>
        public int Walked;

        public GradientPanels Panels;
    }
}
