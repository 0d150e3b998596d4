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
    internal struct Arguments : IBackwardCells
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

        static int IBackwardCells.Gates => LstmBackward.Gates;

        public readonly BackwardSequence Sequence => new(Extents) { R = R, LastHidden = LastHidden, Products = Result };

        readonly bool IBackwardCells.ReachesFirst => HiddenResult != null;

        readonly void IBackwardCells.Begin()
        {
            // It goes through all steps in its place.
            Span<float> memory = new(CellResult, checked((int)Extents.StateLength));
            if (LastCell != null)
                new Span<float>(LastCell, memory.Length).CopyTo(memory);
            else
                memory.Clear();
        }

        readonly void IBackwardCells.Close<T>(int walked, float* products, int unit, int count) =>
            LstmBackward.Close<T>(this, walked, products, unit, count);

        readonly void IBackwardCells.End(float* products, int width, int first, int count)
        {
            for (nint row = 0; row < Extents.Batch; row++)
                new Span<float>(products + (row * width), count).CopyTo(new(HiddenResult + (row * Extents.Hidden) + first, count));
        }
    }

    /// <summary>Computes all steps.</summary>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        RecurrentBackward.Run(arguments, scratch, threads, width);

    /// <summary>Takes the gradient back through the gates of a register's units for the whole batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Close<T>(in Arguments own, int back, float* products, int unit, int count)
        where T : struct, ILanes<T>
    {
        RecurrentExtents extents = own.Extents;
        int walked = extents.Steps - 1 - back;
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
}
