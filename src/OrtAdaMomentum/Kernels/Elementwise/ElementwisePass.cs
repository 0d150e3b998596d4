using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>The arithmetic of one pass over two tensors of the same shape, written once for every vector width.</summary>
internal interface IElementwise
{
    /// <summary>The result at some elements.</summary>
    T Of<T>(T first, T second)
        where T : struct, ILanes<T>;
}

/// <summary>Runs such a pass.</summary>
internal static unsafe class ElementwisePass
{
    /// <summary>Computes all elements.</summary>
    /// <param name="operation">The arithmetic.</param>
    /// <param name="first">First tensor.</param>
    /// <param name="second">Second tensor; may be the first.</param>
    /// <param name="result">Where the result goes; may be one of the two.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run<TOperation>(
        TOperation operation, float* first, float* second, float* result, nint count, KernelThreads threads, VectorWidth? width = null)
        where TOperation : unmanaged, IElementwise
    {
        State<TOperation> state = new() { Operation = operation, First = first, Second = second, Result = result, Pieces = new(count, 1), };
        threads.For(
            state.Pieces.Count,
            KernelWidth.Choose(
                width, &Piece<TOperation, Lanes16>, &Piece<TOperation, Lanes8>, &Piece<TOperation, Lanes4>, &Piece<TOperation, Lanes1>),
            &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<TOperation, T>(void* state, int piece)
        where TOperation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        State<TOperation> all = *(State<TOperation>*)state;
        (nint index, nint end) = all.Pieces[piece];
        for (; index <= end - T.Count; index += T.Count)
            all.Operation.Of(T.Load(all.First + index), T.Load(all.Second + index)).Store(all.Result + index);
        int rest = (int)(end - index);
        if (rest > 0)
            all.Operation.Of(T.LoadFirst(all.First + index, rest), T.LoadFirst(all.Second + index, rest)).StoreFirst(all.Result + index, rest);
    }

    private struct State<TOperation>
        where TOperation : unmanaged
    {
        public TOperation Operation;
        public float* First;
        public float* Second;
        public float* Result;
        public Pieces Pieces;
    }
}
