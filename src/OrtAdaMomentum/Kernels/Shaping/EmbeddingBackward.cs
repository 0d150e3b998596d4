using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Shaping;

/// <summary>Gradient of a table that rows were looked up in: each row of the gradient is added to where it came from, in their order.</summary>
internal static unsafe class EmbeddingBackward
{
    // Columns of one thread lie in cache lines of their own, several in a row.
    private const int ColumnMultiple = 64;

    /// <summary>Computes the gradient of the whole table.</summary>
    /// <param name="arguments">Tensors and extents.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        State zeros = new() { Arguments = arguments, Pieces = new(arguments.Rows * arguments.Columns, 1) };
        threads.For(zeros.Pieces.Count, &Clear, &zeros);

        // Cut by columns, not by rows of the table: some rows are looked up far more often than others.
        State sums = new() { Arguments = arguments, Pieces = new(arguments.Columns, arguments.Count, multiple: ColumnMultiple) };
        threads.For(sums.Pieces.Count, KernelWidth.Choose(width, &Add<Lanes16>, &Add<Lanes8>, &Add<Lanes4>, &Add<Lanes1>), &sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Clear(void* state, int piece)
    {
        (nint from, nint to) = ((State*)state)->Pieces[piece];
        NativeMemory.Clear(((State*)state)->Arguments.Result + from, (nuint)(to - from) * sizeof(float));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = ((State*)state)->Arguments;
        (nint from, nint to) = ((State*)state)->Pieces[piece];
        for (nint index = 0; index < all.Count; index++)
        {
            long row = all.Indices[index];
            float* sum = all.Result + ((nint)(row < 0 ? row + all.Rows : row) * all.Columns), gradient = all.Gradient + (index * all.Columns);
            nint column = from;
            for (; column <= to - T.Count; column += T.Count)
                (T.Load(sum + column) + T.Load(gradient + column)).Store(sum + column);
            for (; column < to; column++)
                sum[column] += gradient[column];
        }
    }

    /// <summary>Tensors and extents.</summary>
    public struct Arguments
    {
        /// <summary>Gradient of what was looked up, [count, columns].</summary>
        public float* Gradient;

        /// <summary>Which rows were looked up, from minus <see cref="Rows"/>, where negative ones count from the end, to below <see cref="Rows"/>.</summary>
        public long* Indices;

        /// <summary>Gradient of the table, [rows, columns].</summary>
        public float* Result;

        /// <summary>How often a row was looked up.</summary>
        public nint Count;

        /// <summary>Rows of the table.</summary>
        public nint Rows;

        /// <summary>Elements of a row.</summary>
        public nint Columns;
    }

    private struct State
    {
        public Arguments Arguments;
        public Pieces Pieces;
    }
}
