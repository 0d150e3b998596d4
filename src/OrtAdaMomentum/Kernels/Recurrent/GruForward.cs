using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// One direction of gated recurrent units whose reset gate acts on the product of the hidden state with its weights. It keeps what the
/// gates let through, and that product, for the gradient.
/// </summary>
internal static unsafe class GruForward
{
    /// <summary>Update gate, reset gate and candidate, in the order of the weights.</summary>
    public const int Gates = 3;

    /// <summary>Those, and the product that the reset gate acts on.</summary>
    public const int Kept = 4;

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

        /// <summary>Hidden state behind each step: each [batch, hidden], <see cref="RecurrentExtents.OutputStride"/> from one to the next.</summary>
        public required float* Y;

        /// <summary>What is kept, [steps, batch, <see cref="GruForward.Kept"/> × hidden].</summary>
        public required float* Opened;
    }

    /// <summary>Computes all steps.</summary>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        RecurrentExtents extents = arguments.Extents;
        int hidden = extents.Hidden;
        Sgemm.Arguments ofInput = new()
        {
            Rows = extents.Steps * extents.Batch, Columns = Gates * hidden, Depth = extents.Inputs, A = arguments.X, AStride = extents.Inputs,
            B = arguments.W, BStride = extents.Inputs, TransposeB = true, C = arguments.Opened, CStride = Kept * hidden,
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
        float* y = own.Y + (step * extents.OutputStride) + unit, opened = own.Opened + (step * extents.StateLength * Kept) + unit;
        float* before = all.Step == 0 ? own.InitialHidden : own.Y + (extents.Step(all.Step - 1) * extents.OutputStride);
        T updateBias = default, resetBias = default, inputBias = default, productBias = default;
        if (own.Bias != null)
        {
            float* ofInput = own.Bias + unit, ofHidden = ofInput + (Gates * hidden);
            updateBias = T.LoadFirst(ofInput, count) + T.LoadFirst(ofHidden, count);
            resetBias = T.LoadFirst(ofInput + hidden, count) + T.LoadFirst(ofHidden + hidden, count);
            inputBias = T.LoadFirst(ofInput + (2 * hidden), count);
            productBias = T.LoadFirst(ofHidden + (2 * hidden), count);
        }

        for (nint row = 0; row < extents.Batch; row++)
        {
            T update = Exponential.Sigmoid(T.LoadFirst(opened, count) + T.Load(products) + updateBias);
            T reset = Exponential.Sigmoid(T.LoadFirst(opened + hidden, count) + T.Load(products + length) + resetBias);
            T product = T.Load(products + (2 * length)) + productBias;
            T candidate = Exponential.Tanh(T.MultiplyAdd(reset, product, T.LoadFirst(opened + (2 * hidden), count) + inputBias));
            T hiddenBefore = before == null ? default : T.LoadFirst(before + (row * hidden) + unit, count);
            update.StoreFirst(opened, count);
            reset.StoreFirst(opened + hidden, count);
            candidate.StoreFirst(opened + (2 * hidden), count);
            product.StoreFirst(opened + (3 * hidden), count);
            T.MultiplyAdd(update, hiddenBefore - candidate, candidate).StoreFirst(y, count);
            products += Tile.Width<T>();
            opened += Kept * hidden;
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
