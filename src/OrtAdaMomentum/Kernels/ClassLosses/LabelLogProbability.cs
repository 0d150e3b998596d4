using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.ClassLosses;

/// <summary>
/// The logarithm of the softmax at the label of each position, without a tensor of all logarithms: z - greatest - log Σ e^(z - greatest).
/// Greatest and sum are kept, from which <see cref="LabelledSoftmaxBackward"/> makes any share again.
/// </summary>
internal static unsafe class LabelLogProbability
{
    /// <summary>Classes summed as floats before the sum goes on in double.</summary>
    private const int Block = 1024;

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        public required ClassExtents Extents;

        /// <summary>Scores, [outer, classes, inner].</summary>
        public required float* Scores;

        /// <summary>One class for each position.</summary>
        public required long* Labels;

        /// <summary>One weight for each class, for <see cref="OfAll"/>; null where all are 1.</summary>
        public float* Weights;

        /// <summary>The logarithm at the label.</summary>
        public float* OfLabel;

        /// <summary>The greatest score of each position.</summary>
        public required float* Greatest;

        /// <summary>The sum of e to the power of score less greatest.</summary>
        public required float* Sum;

        /// <summary>The weighted sum of the logarithms of all classes; null where it is not wanted.</summary>
        public float* OfAll;
    }

    /// <summary>Computes all positions.</summary>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        var extents = arguments.Extents;
        State state = new() { Arguments = arguments, TotalWeight = extents.Classes };
        if (arguments.Weights != null)
        {
            state.TotalWeight = 0;
            for (nint index = 0; index < extents.Classes; index++)
                state.TotalWeight += arguments.Weights[index];
        }

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
        State all = *(State*)state;
        Arguments own = all.Arguments;
        nint classes = own.Extents.Classes;
        (nint row, nint end) = own.Extents.Pieces[piece];
        for (; row < end; row++)
        {
            float* scores = own.Scores + (row * classes);
            float greatest = Greatest<T>(scores, classes);
            double sum = Sum<T>(scores, classes, greatest);
            own.Greatest[row] = greatest;
            own.Sum[row] = (float)sum;
            float logarithm = (float)Math.Log(sum);
            if (own.OfLabel != null)
                own.OfLabel[row] = scores[own.Labels[row] < 0 ? own.Labels[row] + classes : own.Labels[row]] - greatest - logarithm;
            if (own.OfAll != null)
                own.OfAll[row] = (float)(Weighted<T>(scores, own.Weights, classes, greatest) - (all.TotalWeight * Math.Log(sum)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Greatest<T>(float* scores, nint classes)
        where T : struct, ILanes<T>
    {
        nint index = 0;
        float greatest = float.NegativeInfinity;
        if (classes >= 2 * T.Count)
        {
            T a = T.Load(scores), b = T.Load(scores + T.Count);
            for (index = 2 * T.Count; index <= classes - (2 * T.Count); index += 2 * T.Count)
            {
                T x = T.Load(scores + index), y = T.Load(scores + index + T.Count);
                a = T.WhereGreater(x, a, x, a);
                b = T.WhereGreater(y, b, y, b);
            }

            float* lanes = stackalloc float[Lanes16.Count];
            T.WhereGreater(a, b, a, b).Store(lanes);
            for (int lane = 0; lane < T.Count; lane++)
                greatest = Math.Max(greatest, lanes[lane]);
        }

        for (; index < classes; index++)
            greatest = Math.Max(greatest, scores[index]);
        return greatest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum<T>(float* scores, nint classes, float greatest)
        where T : struct, ILanes<T>
    {
        T shift = T.Splat(greatest);
        double sum = 0;
        float* lanes = stackalloc float[Lanes16.Count];
        for (nint index = 0; index < classes;)
        {
            T even = default, odd = default;
            nint end = Math.Min(classes, index + Block);
            for (; index <= end - (2 * T.Count); index += 2 * T.Count)
            {
                even += Exponential.Of(T.Load(scores + index) - shift);
                odd += Exponential.Of(T.Load(scores + index + T.Count) - shift);
            }

            for (; index < end; index += T.Count)
            {
                int count = (int)Math.Min(T.Count, end - index);
                Exponential.Of(T.LoadFirst(scores + index, count) - shift).Store(lanes);
                odd += T.LoadFirst(lanes, count);
            }

            index = end;
            sum += (even + odd).Sum();
        }

        return sum;
    }

    /// <summary>Σ weight (score - greatest), whose terms all have one sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Weighted<T>(float* scores, float* weights, nint classes, float greatest)
        where T : struct, ILanes<T>
    {
        T shift = T.Splat(greatest), one = T.Splat(1f);
        double sum = 0;
        float* lanes = stackalloc float[Lanes16.Count];
        for (nint index = 0; index < classes;)
        {
            T block = default;
            nint end = Math.Min(classes, index + Block);
            for (; index <= end - T.Count; index += T.Count)
                block = T.MultiplyAdd(T.Load(scores + index) - shift, weights == null ? one : T.Load(weights + index), block);
            int rest = (int)(end - index);
            if (rest > 0)
            {
                ((T.LoadFirst(scores + index, rest) - shift) * (weights == null ? one : T.LoadFirst(weights + index, rest))).Store(lanes);
                block += T.LoadFirst(lanes, rest);
            }

            index = end;
            sum += block.Sum();
        }

        return sum;
    }

    /// <summary>Neighbouring positions lie side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strips<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        ClassExtents extents = all.Arguments.Extents;
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
    private static void Column<T>(in State all, nint outer, nint inner, int count)
        where T : struct, ILanes<T>
    {
        Arguments own = all.Arguments;
        nint classes = own.Extents.Classes, stride = own.Extents.Inner, position = (outer * stride) + inner;
        float* scores = own.Scores + (outer * classes * stride) + inner;
        T greatest = T.Splat(float.NegativeInfinity), sum = default, weighted = default;
        float* x = scores;
        for (nint index = 0; index < classes; index++, x += stride)
        {
            T score = T.LoadFirst(x, count);
            greatest = T.WhereGreater(score, greatest, score, greatest);
        }

        x = scores;
        for (nint index = 0; index < classes; index++, x += stride)
        {
            T shifted = T.LoadFirst(x, count) - greatest;
            sum += Exponential.Of(shifted);
            if (own.OfAll != null)
                weighted = T.MultiplyAdd(shifted, T.Splat(own.Weights == null ? 1f : own.Weights[index]), weighted);
        }

        greatest.StoreFirst(own.Greatest + position, count);
        sum.StoreFirst(own.Sum + position, count);
        if (own.OfAll != null)
            weighted.StoreFirst(own.OfAll + position, count);
        for (int lane = 0; lane < count; lane++)
        {
            nint place = position + lane;
            double logarithm = Math.Log(own.Sum[place]);
            if (own.OfLabel != null)
            {
                nint label = (nint)(own.Labels[place] < 0 ? own.Labels[place] + classes : own.Labels[place]);
                own.OfLabel[place] = scores[(label * stride) + lane] - own.Greatest[place] - (float)logarithm;
            }

            if (own.OfAll != null)
                own.OfAll[place] = (float)(own.OfAll[place] - (all.TotalWeight * logarithm));
        }
    }

    private struct State
    {
        public Arguments Arguments;
        public double TotalWeight;
    }
}
