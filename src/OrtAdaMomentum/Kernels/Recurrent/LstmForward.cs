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
    internal struct Arguments : IForwardCells
    {
        public required ForwardSequence Sequence;

        /// <summary>Memory before the first step; zero where null.</summary>
        public float* InitialCell;

        /// <summary>The memory behind each step, [steps, batch, hidden].</summary>
        public required float* Cells;

        static int IForwardCells.Gates => LstmForward.Gates;

        static int IForwardCells.Kept => LstmForward.Gates;

        readonly ForwardSequence IForwardCells.Sequence => Sequence;

        readonly void IForwardCells.Open<T>(int walked, float* products, int unit, int count) =>
            LstmForward.Open<T>(this, walked, products, unit, count);
    }

    /// <summary>Computes all steps.</summary>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        RecurrentForward.Run(arguments, scratch, threads, width);

    /// <summary>Opens the gates of a register's units for the whole batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Open<T>(in Arguments own, int walked, float* products, int unit, int count)
        where T : struct, ILanes<T>
    {
        ForwardSequence sequence = own.Sequence;
        RecurrentExtents extents = sequence.Extents;
        nint hidden = extents.Hidden, step = extents.Step(walked), length = RowPanels.Length<T>(extents.Batch, Tile.Width<T>());
        float* cell = own.Cells + (step * extents.StateLength) + unit, y = sequence.Y + (step * extents.OutputStride) + unit;
        float* opened = sequence.Opened + (step * extents.StateLength * Gates) + unit;
        float* before = walked == 0 ? own.InitialCell : own.Cells + (extents.Step(walked - 1) * extents.StateLength);
        T inputBias = default, outputBias = default, forgetBias = default, blockBias = default;
        if (sequence.Bias != null)
        {
            float* ofInput = sequence.Bias + unit, ofHidden = ofInput + (Gates * hidden);
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
}
