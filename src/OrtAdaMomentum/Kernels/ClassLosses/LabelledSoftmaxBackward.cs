using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.ClassLosses;

/// <summary>
/// Gradient of a loss over the logarithms of a softmax at labels: softmax × share - weight × ofAll, and at the label less ofLabel.
/// </summary>
internal static unsafe class LabelledSoftmaxBackward
{
    /// <summary>One number for each position, or the same for all.</summary>
    internal readonly struct PerPosition(float* values, bool same)
    {
        public bool IsGiven => values != null;

        public float this[nint position] => values[same ? 0 : position];

        /// <summary>The numbers of some neighbouring positions.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T First<T>(nint position, int count)
            where T : struct, ILanes<T> => same ? T.Splat(*values) : T.LoadFirst(values + position, count);
    }

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        public required ClassExtents Extents;

        /// <summary>Scores, [outer, classes, inner]; logarithms of shares where <see cref="Greatest"/> is null.</summary>
        public required float* Scores;

        /// <summary>One class for each position.</summary>
        public required long* Labels;

        /// <summary>Factor of the softmax.</summary>
        public required PerPosition Share;

        /// <summary>What the label loses.</summary>
        public required PerPosition OfLabel;

        /// <summary>What each class loses, times its weight; need not be given.</summary>
        public PerPosition OfAll;

        /// <summary>One weight for each class; null where all are 1.</summary>
        public float* Weights;

        /// <summary>The greatest score of each position.</summary>
        public float* Greatest;

        /// <summary>The sum of e to the power of score less greatest.</summary>
        public float* Sum;

        /// <summary>Gradient of the scores; may be <see cref="Scores"/>.</summary>
        public required float* Result;
    }

    /// <summary>Computes the gradient of all scores.</summary>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        var extents = arguments.Extents;
        Arguments state = arguments;
        var piece = extents.Inner == 1
            ? KernelWidth.Choose(width, &Rows<Lanes16>, &Rows<Lanes8>, &Rows<Lanes4>, &Rows<Lanes1>)
            : KernelWidth.Choose(width, &Strips<Lanes16>, &Strips<Lanes8>, &Strips<Lanes4>, &Strips<Lanes1>);
        threads.For(extents.Pieces.Count, piece, &state);
    }

    /// <summary>The classes of a position lie side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = *(Arguments*)state;
        nint classes = all.Extents.Classes;
        (nint row, nint end) = all.Extents.Pieces[piece];
        for (; row < end; row++)
        {
            float* scores = all.Scores + (row * classes), result = all.Result + (row * classes);
            float greatest = all.Greatest == null ? 0 : all.Greatest[row], share = all.Share[row] / (all.Greatest == null ? 1 : all.Sum[row]);
            if (all.OfAll.IsGiven)
                Smoothed<T>(scores, result, all.Weights, classes, greatest, share, -all.OfAll[row]);
            else
                Shares<T>(scores, result, classes, greatest, share);
            result[all.Labels[row] < 0 ? all.Labels[row] + classes : all.Labels[row]] -= all.OfLabel[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shares<T>(float* scores, float* result, nint classes, float greatest, float share)
        where T : struct, ILanes<T>
    {
        T shift = T.Splat(greatest), factor = T.Splat(share);
        nint index = 0;
        for (; index <= classes - T.Count; index += T.Count)
            (Exponential.Of(T.Load(scores + index) - shift) * factor).Store(result + index);
        int rest = (int)(classes - index);
        if (rest > 0)
            (Exponential.Of(T.LoadFirst(scores + index, rest) - shift) * factor).StoreFirst(result + index, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Smoothed<T>(float* scores, float* result, float* weights, nint classes, float greatest, float share, float negative)
        where T : struct, ILanes<T>
    {
        T shift = T.Splat(greatest), factor = T.Splat(share), even = T.Splat(negative);
        for (nint index = 0; index < classes; index += T.Count)
        {
            int count = (int)Math.Min(T.Count, classes - index);
            T lost = weights == null ? even : even * T.LoadFirst(weights + index, count);
            T.MultiplyAdd(Exponential.Of(T.LoadFirst(scores + index, count) - shift), factor, lost).StoreFirst(result + index, count);
        }
    }

    /// <summary>Neighbouring positions lie side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strips<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = *(Arguments*)state;
        ClassExtents extents = all.Extents;
        (nint strip, nint end) = extents.Pieces[piece];
        for (; strip < end; strip++)
        {
            nint outer = strip / extents.Strips, inner = strip % extents.Strips * ClassExtents.Strip;
            nint last = Math.Min(extents.Inner, inner + ClassExtents.Strip);
            for (; inner < last; inner += T.Count)
                Column<T>(all, outer, inner, (int)Math.Min(T.Count, last - inner));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column<T>(in Arguments all, nint outer, nint inner, int count)
        where T : struct, ILanes<T>
    {
        nint classes = all.Extents.Classes, stride = all.Extents.Inner, position = (outer * stride) + inner;
        nint start = (outer * classes * stride) + inner;
        float* scores = all.Scores + start, result = all.Result + start;
        T shift = default, factor = all.Share.First<T>(position, count), lost = default;
        if (all.Greatest != null)
        {
            shift = T.LoadFirst(all.Greatest + position, count);
            factor /= T.LoadFirst(all.Sum + position, count);
        }

        if (all.OfAll.IsGiven)
            lost -= all.OfAll.First<T>(position, count);
        for (nint index = 0; index < classes; index++, scores += stride, result += stride)
        {
            T rest = all.Weights == null ? lost : lost * T.Splat(all.Weights[index]);
            T.MultiplyAdd(Exponential.Of(T.LoadFirst(scores, count) - shift), factor, rest).StoreFirst(result, count);
        }

        result = all.Result + start;
        for (int lane = 0; lane < count; lane++)
        {
            nint label = (nint)all.Labels[position + lane];
            result[((label < 0 ? label + classes : label) * stride) + lane] -= all.OfLabel[position + lane];
        }
    }
}
