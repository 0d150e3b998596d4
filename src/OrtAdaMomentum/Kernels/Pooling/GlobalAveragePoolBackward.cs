using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Gradient of the average over a plane: every element gets its share.</summary>
internal static unsafe class GlobalAveragePoolBackward
{
    /// <summary>Computes the gradient of the input.</summary>
    /// <param name="gradient">Gradient of the output, one for each plane.</param>
    /// <param name="result">Gradient of the input, [planes, elements].</param>
    /// <param name="planes">Images times channels.</param>
    /// <param name="elements">Elements of a plane.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(float* gradient, float* result, nint planes, nint elements, KernelThreads threads, VectorWidth? width = null)
    {
        State state = new() { Gradient = gradient, Result = result, Elements = elements, Pieces = new(planes, elements) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        (nint plane, nint end) = all.Pieces[piece];
        for (; plane < end; plane++)
        {
            float* result = all.Result + (plane * all.Elements);
            T share = T.Splat(all.Gradient[plane] / all.Elements);
            nint index = 0;
            for (; index <= all.Elements - T.Count; index += T.Count)
                share.Store(result + index);
            if (index < all.Elements)
                share.StoreFirst(result + index, (int)(all.Elements - index));
        }
    }

    private struct State
    {
        public float* Gradient;
        public float* Result;
        public nint Elements;
        public Pieces Pieces;
    }
}
