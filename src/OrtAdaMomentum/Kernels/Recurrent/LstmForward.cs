using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// One direction of a long short-term memory, which keeps its gates for the gradient. The inputs are multiplied for all steps at once; then
/// each step multiplies the hidden state by weights that are packed once, and opens the gates of a few units at a time.
/// </summary>
internal static unsafe class LstmForward
{
    /// <summary>Input, output, forget and cell gate, in the order of the weights.</summary>
    public const int Gates = 4;

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        public required RecurrentExtents Extents;

        /// <summary>Input, [steps, batch, inputs].</summary>
        public required float* X;

        /// <summary>Weights of the input, [gates × hidden, inputs].</summary>
        public required float* W;

        /// <summary>Weights of the hidden state, [gates × hidden, hidden].</summary>
        public required float* R;

        /// <summary>Biases of the input's products, then of the hidden state's; may be null.</summary>
        public float* Bias;

        /// <summary>Hidden state before the first step, [batch, hidden]; zero where null.</summary>
        public float* InitialHidden;

        /// <summary>Memory before the first step; zero where null.</summary>
        public float* InitialCell;

        /// <summary>Hidden state behind each step: each [batch, hidden], <see cref="RecurrentExtents.OutputStride"/> from one to the next.</summary>
        public required float* Y;

        /// <summary>What the gates let through, [steps, batch, gates × hidden].</summary>
        public required float* Opened;

        /// <summary>The memory behind each step, [steps, batch, hidden].</summary>
        public required float* Cells;
    }

    /// <summary>Computes all steps.</summary>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        RecurrentExtents extents = arguments.Extents;
        int hidden = extents.Hidden, outputs = Gates * hidden;
        Sgemm.Arguments ofInput = new()
        {
            Rows = extents.Steps * extents.Batch, Columns = outputs, Depth = extents.Inputs, A = arguments.X, AStride = extents.Inputs,
            B = arguments.W, BStride = extents.Inputs, TransposeB = true, C = arguments.Opened, CStride = outputs,
        };
        Sgemm.Run<T>(ofInput, scratch, threads);

        State state = new() { Arguments = arguments, Panels = new(arguments.R, Gates, hidden, extents.Batch) };
        state.Panels.Take<T>(scratch, threads, arguments.InitialHidden);
        for (; state.Step < extents.Steps; state.Step++)
            threads.For(state.Panels.Blocks, &Units<T>, &state);
    }

    /// <summary>One step of as many units as a tile is wide.</summary>
    private static void Units<T>(void* state, int block)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        RecurrentExtents extents = all.Arguments.Extents;
        int first = block * Tile.Width<T>(), count = Math.Min(Tile.Width<T>(), extents.Hidden - first);
        float* products = all.Panels.Multiply<T>(all.Step, block);
        for (int unit = 0; unit < count; unit += T.Count)
            Open<T>(all, products + unit, first + unit, Math.Min(T.Count, count - unit));
        all.Panels.Put<T>(all.Step, all.Arguments.Y + (extents.Step(all.Step) * extents.OutputStride), first, count);
    }

    /// <summary>Opens the gates of a register's units for the whole batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Open<T>(in State all, float* products, int unit, int count)
        where T : struct, ILanes<T>
    {
        Arguments own = all.Arguments;
        RecurrentExtents extents = own.Extents;
        nint hidden = extents.Hidden, step = extents.Step(all.Step), length = RowPanels.Length<T>(extents.Batch, Tile.Width<T>());
        float* cell = own.Cells + (step * extents.StateLength) + unit, y = own.Y + (step * extents.OutputStride) + unit;
        float* opened = own.Opened + (step * extents.StateLength * Gates) + unit;
        float* before = all.Step == 0 ? own.InitialCell : own.Cells + (extents.Step(all.Step - 1) * extents.StateLength);
        T inputBias = default, outputBias = default, forgetBias = default, blockBias = default;
        if (own.Bias != null)
        {
            float* ofInput = own.Bias + unit, ofHidden = ofInput + (Gates * hidden);
            inputBias = T.LoadFirst(ofInput, count) + T.LoadFirst(ofHidden, count);
            outputBias = T.LoadFirst(ofInput + hidden, count) + T.LoadFirst(ofHidden + hidden, count);
            forgetBias = T.LoadFirst(ofInput + (2 * hidden), count) + T.LoadFirst(ofHidden + (2 * hidden), count);
            blockBias = T.LoadFirst(ofInput + (3 * hidden), count) + T.LoadFirst(ofHidden + (3 * hidden), count);
        }

        for (int row = 0; row < extents.Batch; row++)
        {
            T input = Exponential.Sigmoid(T.LoadFirst(opened, count) + T.Load(products) + inputBias);
            T output = Exponential.Sigmoid(T.LoadFirst(opened + hidden, count) + T.Load(products + length) + outputBias);
            T forget = Exponential.Sigmoid(T.LoadFirst(opened + (2 * hidden), count) + T.Load(products + (2 * length)) + forgetBias);
            T block = Exponential.Tanh(T.LoadFirst(opened + (3 * hidden), count) + T.Load(products + (3 * length)) + blockBias);
            T memory = input * block;
            if (before != null)
                memory = T.MultiplyAdd(T.LoadFirst(before + (row * hidden) + unit, count), forget, memory);
            input.StoreFirst(opened, count);
            output.StoreFirst(opened + hidden, count);
            forget.StoreFirst(opened + (2 * hidden), count);
            block.StoreFirst(opened + (3 * hidden), count);
            memory.StoreFirst(cell, count);
            (output * Exponential.Tanh(memory)).StoreFirst(y, count);
            products += Tile.Width<T>();
            opened += Gates * hidden;
            cell += hidden;
            y += hidden;
        }
    }

    private struct State
    {
        public Arguments Arguments;

        /// <summary>The step, counted in the order in which they are walked.</summary>
        public int Step;

        public HiddenPanels Panels;
    }
}
