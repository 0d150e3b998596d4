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
    internal struct Arguments : IForwardCells
    {
        public required ForwardSequence Sequence;

        static int IForwardCells.Gates => GruForward.Gates;

        static int IForwardCells.Kept => GruForward.Kept;

        readonly ForwardSequence IForwardCells.Sequence => Sequence;

        readonly void IForwardCells.Open<T>(int walked, float* products, int unit, int count) =>
            GruForward.Open<T>(this, walked, products, unit, count);
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
        float* y = sequence.Y + (step * extents.OutputStride) + unit, opened = sequence.Opened + (step * extents.StateLength * Kept) + unit;
        float* before = walked == 0 ? sequence.InitialHidden : sequence.Y + (extents.Step(walked - 1) * extents.OutputStride);
        T updateBias = default, resetBias = default, inputBias = default, productBias = default;
        if (sequence.Bias != null)
        {
            float* ofInput = sequence.Bias + unit, ofHidden = ofInput + (Gates * hidden);
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
}
