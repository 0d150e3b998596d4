using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Recurrent;

/// <summary>
/// The gradient of one direction of <see cref="GruForward"/>, taken back step by step: that of the inputs of all gates, and that of the hidden
/// state's products, which differ in the candidate by the reset gate. Before a step h is the product of the latter with the weights, and
/// h times the update gate.
/// </summary>
internal static unsafe class GruBackward
{
    private const int Gates = GruForward.Gates;
    private const int Kept = GruForward.Kept;

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments : IBackwardCells
    {
        public required RecurrentExtents Extents;

        /// <summary>What the forward pass kept, [steps, batch, <see cref="GruForward.Kept"/> × hidden].</summary>
        public required float* Opened;

        /// <summary>Hidden state behind each step: each [batch, hidden], <see cref="RecurrentExtents.OutputStride"/> from one to the next.</summary>
        public required float* Y;

        /// <summary>Weights of the hidden state, [gates × hidden, hidden].</summary>
        public required float* R;

        /// <summary>Hidden state before the first step, [batch, hidden]; zero where null.</summary>
        public float* InitialHidden;

        /// <summary>Gradient of the hidden states, which lie as <see cref="Y"/> does; zero where null.</summary>
        public float* Gradient;

        /// <summary>Gradient of the last hidden state besides, [batch, hidden]; zero where null.</summary>
        public float* LastHidden;

        /// <summary>Gradient of the inputs of the gates, [steps, batch, gates × hidden].</summary>
        public required float* Result;

        /// <summary>Gradient of the hidden state's products, [steps, batch, gates × hidden].</summary>
        public required float* ProductResult;

        /// <summary>Gradient of the hidden state before the first step, on which it is computed.</summary>
        public required float* HiddenResult;

        static int IBackwardCells.Gates => GruBackward.Gates;

        public readonly BackwardSequence Sequence => new(Extents) { R = R, LastHidden = LastHidden, Products = ProductResult };

        readonly bool IBackwardCells.ReachesFirst => true;

        readonly void IBackwardCells.Begin()
        {
            new Span<float>(HiddenResult, checked((int)Extents.StateLength)).Clear();
        }

        readonly void IBackwardCells.Close<T>(int walked, float* products, int unit, int count) =>
            GruBackward.Close<T>(this, walked, products, unit, count);

        readonly void IBackwardCells.End(float* products, int width, int first, int count)
        {
            for (nint row = 0; row < Extents.Batch; row++)
            {
                float* to = HiddenResult + (row * Extents.Hidden) + first;
                for (int unit = 0; unit < count; unit++)
                    to[unit] += products[(row * width) + unit];
            }
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
        float* opened = own.Opened + (step * extents.StateLength * Kept) + unit, result = own.Result + gates, ofProducts = own.ProductResult + gates;
        float* before = walked == 0 ? own.InitialHidden : own.Y + (extents.Step(walked - 1) * extents.OutputStride);
        float* gradient = own.Gradient == null ? null : own.Gradient + (step * extents.OutputStride) + unit, passed = own.HiddenResult + unit;
        T one = T.Splat(1f);
        for (nint row = 0; row < extents.Batch; row++)
        {
            T update = T.LoadFirst(opened, count), reset = T.LoadFirst(opened + hidden, count);
            T candidate = T.LoadFirst(opened + (2 * hidden), count), product = T.LoadFirst(opened + (3 * hidden), count);
            T hiddenBefore = before == null ? default : T.LoadFirst(before + (row * hidden) + unit, count);
            T h = T.Load(products) + T.LoadFirst(passed, count);
            if (gradient != null)
                h += T.LoadFirst(gradient + (row * hidden), count);
            T ofUpdate = h * (hiddenBefore - candidate) * (update * (one - update));
            T ofCandidate = h * (one - update) * (one - (candidate * candidate));
            T ofReset = ofCandidate * product * (reset * (one - reset));
            ofUpdate.StoreFirst(result, count);
            ofReset.StoreFirst(result + hidden, count);
            ofCandidate.StoreFirst(result + (2 * hidden), count);
            ofUpdate.StoreFirst(ofProducts, count);
            ofReset.StoreFirst(ofProducts + hidden, count);
            (ofCandidate * reset).StoreFirst(ofProducts + (2 * hidden), count);
            (h * update).StoreFirst(passed, count);
            products += Tile.Width<T>();
            opened += Kept * hidden;
            result += Gates * hidden;
            ofProducts += Gates * hidden;
            passed += hidden;
        }
    }
}
