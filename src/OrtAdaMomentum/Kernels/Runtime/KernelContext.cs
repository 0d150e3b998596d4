using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>One call of a kernel: what goes in and out, in the runtime's own memory.</summary>
internal readonly unsafe ref struct KernelContext(void* context)
{
    private readonly void* _context = context;

    /// <summary>The session's threads.</summary>
    public KernelThreads Threads => new(&RunPieces, _context);

    /// <summary>Whether the node was given the input.</summary>
    public bool HasInput(int index) => index < RuntimeApi.InputCount(_context) && RuntimeApi.Input(_context, index) != null;

    /// <summary>Elements of an input.</summary>
    public float* Floats(int index) => (float*)RuntimeApi.Data(RuntimeApi.Input(_context, index));

    /// <summary>
    /// Elements of an input of the given shape. Which nodes there are is up to a file, so that a kernel must not read beyond what it was given.
    /// </summary>
    /// <exception cref="FineTuningException">The input has another shape.</exception>
    public float* Floats(int index, ReadOnlySpan<long> shape)
    {
        void* value = RuntimeApi.Input(_context, index);
        var own = KernelShape.Of(value);
        if (!own.AsSpan().SequenceEqual(shape))
            throw new FineTuningException($"Input {index} has the shape {Text(own.AsSpan())}, expected {Text(shape)}.");
        return (float*)RuntimeApi.Data(value);
    }

    /// <summary>Elements of an input that has that many, in whatever shape.</summary>
    /// <exception cref="FineTuningException">The input has another number of elements.</exception>
    public float* Floats(int index, nint count)
    {
        long own = Shape(index).Count;
        if (own != count)
            throw new FineTuningException($"Input {index} has {own} elements, expected {count}.");
        return Floats(index);
    }

    /// <summary>Elements of an input that has that many, in whatever shape; null where it is not given.</summary>
    public float* FloatsOrNull(int index, nint count) => HasInput(index) ? Floats(index, count) : null;

    /// <inheritdoc cref="Floats(int, ReadOnlySpan{long})"/>
    public float* Floats(int index, in KernelShape shape) => Floats(index, shape.AsSpan());

    /// <summary>Elements of an input of the given shape; null where it is not given.</summary>
    public float* FloatsOrNull(int index, ReadOnlySpan<long> shape) => HasInput(index) ? Floats(index, shape) : null;

    /// <summary>Elements of an input of integers.</summary>
    public long* Longs(int index) => (long*)RuntimeApi.Data(RuntimeApi.Input(_context, index));

    /// <summary>Extents of an input.</summary>
    public KernelShape Shape(int index) => KernelShape.Of(RuntimeApi.Input(_context, index));

    /// <summary>Memory of an output; null where nobody reads it.</summary>
    public float* Output(int index, ReadOnlySpan<long> shape)
    {
        if (index >= RuntimeApi.OutputCount(_context))
            return null;
        void* value = RuntimeApi.Output(_context, index, shape);
        return value == null ? null : (float*)RuntimeApi.Data(value);
    }

    /// <inheritdoc cref="Output(int, ReadOnlySpan{long})"/>
    public float* Output(int index, in KernelShape shape) => Output(index, shape.AsSpan());

    private static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    private static void RunPieces(void* context, delegate*<void*, int, void> piece, void* state, int count)
    {
        Pieces pieces = new() { Piece = piece, State = state };
        RuntimeApi.ParallelFor(context, &RunPiece, count, &pieces);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunPiece(void* pieces, nuint index) => ((Pieces*)pieces)->Piece(((Pieces*)pieces)->State, (int)index);

    private struct Pieces
    {
        public delegate*<void*, int, void> Piece;
        public void* State;
    }
}
