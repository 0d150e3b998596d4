using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>Gradients of Softmax and LogSoftmax over the last axis, from their output and its gradient.</summary>
internal static unsafe class SoftmaxBackward
{
    /// <summary>Computes the gradient of the input of each row.</summary>
    /// <param name="logarithm">Whether the output is the logarithm of the shares.</param>
    /// <param name="y">Output, [rows, columns].</param>
    /// <param name="gradient">Gradient of the output.</param>
    /// <param name="result">Gradient of the input; may be <paramref name="gradient"/>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(
        bool logarithm, float* y, float* gradient, float* result, nint rows, nint columns, KernelThreads threads, VectorWidth? width = null)
    {
        State state = new() { Logarithm = logarithm, Y = y, Gradient = gradient, Result = result, Columns = columns, Pieces = new(rows, columns) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        (nint row, nint end) = all.Pieces[piece];
        for (; row < end; row++)
        {
            nint start = row * all.Columns;
            if (all.Logarithm)
                OfLogarithm<T>(all.Y + start, all.Gradient + start, all.Result + start, all.Columns);
            else
                OfShares<T>(all.Y + start, all.Gradient + start, all.Result + start, all.Columns);
        }
    }

    /// <summary>(g - Σ g y) y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OfShares<T>(float* y, float* gradient, float* result, nint columns)
        where T : struct, ILanes<T>
    {
        T even = default, odd = default;
        nint index = 0;
        for (; index <= columns - (2 * T.Count); index += 2 * T.Count)
        {
            even = T.MultiplyAdd(T.Load(y + index), T.Load(gradient + index), even);
            odd = T.MultiplyAdd(T.Load(y + index + T.Count), T.Load(gradient + index + T.Count), odd);
        }

        for (; index < columns; index += T.Count)
        {
            int count = (int)Math.Min(T.Count, columns - index);
            even = T.MultiplyAdd(T.LoadFirst(y + index, count), T.LoadFirst(gradient + index, count), even);
        }

        T sum = T.Splat((even + odd).Sum());
        index = 0;
        for (; index <= columns - T.Count; index += T.Count)
            ((T.Load(gradient + index) - sum) * T.Load(y + index)).Store(result + index);
        int rest = (int)(columns - index);
        if (rest > 0)
            ((T.LoadFirst(gradient + index, rest) - sum) * T.LoadFirst(y + index, rest)).StoreFirst(result + index, rest);
    }

    /// <summary>g - e^y Σ g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OfLogarithm<T>(float* y, float* gradient, float* result, nint columns)
        where T : struct, ILanes<T>
    {
        T even = default, odd = default;
        nint index = 0;
        for (; index <= columns - (2 * T.Count); index += 2 * T.Count)
        {
            even += T.Load(gradient + index);
            odd += T.Load(gradient + index + T.Count);
        }

        for (; index < columns; index += T.Count)
            even += T.LoadFirst(gradient + index, (int)Math.Min(T.Count, columns - index));

        T negative = T.Splat(-(even + odd).Sum());
        index = 0;
        for (; index <= columns - T.Count; index += T.Count)
            T.MultiplyAdd(Exponential.Of(T.Load(y + index)), negative, T.Load(gradient + index)).Store(result + index);
        int rest = (int)(columns - index);
        if (rest > 0)
        {
            T last = Exponential.Of(T.LoadFirst(y + index, rest));
            T.MultiplyAdd(last, negative, T.LoadFirst(gradient + index, rest)).StoreFirst(result + index, rest);
        }
    }

    private struct State
    {
        public bool Logarithm;
        public float* Y;
        public float* Gradient;
        public float* Result;
        public nint Columns;
        public Pieces Pieces;
    }
}
