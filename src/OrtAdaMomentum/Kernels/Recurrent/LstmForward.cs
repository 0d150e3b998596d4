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

        State state = new() { Arguments = arguments, Blocks = RightPanels.Count<T>(hidden), RowsLength = RowPanels.Length<T>(extents.Batch, hidden) };
        nint weights = Gates * state.Blocks * RightPanels.Length<T>(hidden);
        state.Weights = scratch.Floats(weights + (2 * state.RowsLength) + outputs);
        state.Rows = state.Weights + weights;
        state.Bias = state.Rows + (2 * state.RowsLength);
        new Span<float>(state.Rows, checked((int)(2 * state.RowsLength) + outputs)).Clear();
        for (int index = 0; arguments.Bias != null && index < outputs; index++)
            state.Bias[index] = arguments.Bias[index] + arguments.Bias[outputs + index];
        if (arguments.InitialHidden != null)
            RowPanels.PackStretch<T>(arguments.InitialHidden, hidden, extents.Batch, hidden, 0, hidden, state.Rows);

        threads.For(Gates * state.Blocks, &Pack<T>, &state);
        for (; state.Step < extents.Steps; state.Step++)
            threads.For(state.Blocks, &Units<T>, &state);
    }

    private static void Pack<T>(void* state, int panel)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        int hidden = all.Arguments.Extents.Hidden, gate = panel / all.Blocks, first = panel % all.Blocks * Tile.Width<T>();
        RightPanels.PackTurned<T>(
            all.Arguments.R + ((((nint)gate * hidden) + first) * hidden), hidden, Math.Min(Tile.Width<T>(), hidden - first), hidden,
            all.Weights + (panel * RightPanels.Length<T>(hidden)));
    }

    /// <summary>One step of as many units as a tile is wide.</summary>
    private static void Units<T>(void* state, int block)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        RecurrentExtents extents = all.Arguments.Extents;
        int width = Tile.Width<T>(), first = block * width, count = Math.Min(width, extents.Hidden - first);
        nint length = RowPanels.Length<T>(extents.Batch, width), panel = RightPanels.Length<T>(extents.Hidden);
        float* products = Scratch.OfThread.Floats(Gates * length), before = all.Rows + ((all.Step & 1) * all.RowsLength);
        for (int gate = 0; gate < Gates; gate++)
        {
            float* weights = all.Weights + (((gate * all.Blocks) + block) * panel);
            RightPanels.Multiply<T>(before, extents.Batch, extents.Hidden, weights, products + (gate * length));
        }

        for (int unit = 0; unit < count; unit += T.Count)
            Open<T>(all, products + unit, length, first + unit, Math.Min(T.Count, count - unit));
        RowPanels.PackStretch<T>(
            all.Arguments.Y + (extents.Step(all.Step) * extents.OutputStride) + first, extents.Hidden, extents.Batch, extents.Hidden, first, count,
            all.Rows + ((~all.Step & 1) * all.RowsLength));
    }

    /// <summary>Opens the gates of a register's units for the whole batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Open<T>(in State all, float* products, nint length, int unit, int count)
        where T : struct, ILanes<T>
    {
        Arguments own = all.Arguments;
        RecurrentExtents extents = own.Extents;
        nint hidden = extents.Hidden, step = extents.Step(all.Step);
        float* cell = own.Cells + (step * extents.StateLength) + unit, y = own.Y + (step * extents.OutputStride) + unit;
        float* opened = own.Opened + (step * extents.StateLength * Gates) + unit;
        float* before = all.Step == 0 ? own.InitialCell : own.Cells + (extents.Step(all.Step - 1) * extents.StateLength);
        float* bias = all.Bias + unit;
        T inputBias = T.LoadFirst(bias, count), outputBias = T.LoadFirst(bias + hidden, count);
        T forgetBias = T.LoadFirst(bias + (2 * hidden), count), blockBias = T.LoadFirst(bias + (3 * hidden), count);
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

        /// <summary>Panels that the units of a gate take.</summary>
        public int Blocks;

        /// <summary>Panels of the hidden state's weights, those of each gate one after another.</summary>
        public float* Weights;

        /// <summary>The hidden state before a step, packed, and in turn that behind it.</summary>
        public float* Rows;

        public nint RowsLength;

        public float* Bias;
    }
}
