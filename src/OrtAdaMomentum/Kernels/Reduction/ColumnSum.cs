using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Reduction;

/// <summary>Sums over the rows of a matrix [rows, columns]: the gradient of a bias that was added to each row.</summary>
internal static unsafe class ColumnSum
{
    /// <summary>Vectors side by side whose sums stay in registers.</summary>
    private const int Strip = 8;

    /// <summary>Rows summed for themselves before they go to the total, so that it does not swallow the digits of small ones.</summary>
    private const int Block = 64;

    /// <summary>Columns of a piece are a multiple of it: whole cache lines, and whole strips of the widest vectors.</summary>
    private const int Together = Strip * 16;

    /// <summary>Sums.</summary>
    /// <param name="x">The matrix.</param>
    /// <param name="sums">One sum for each column.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(float* x, float* sums, nint rows, nint columns, KernelThreads threads, VectorWidth? width = null)
    {
        State state = new() { X = x, Sums = sums, Rows = rows, Columns = columns, Pieces = new(columns, rows, multiple: Together) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        (nint column, nint end) = all.Pieces[piece];
        for (; column <= end - (Strip * T.Count); column += Strip * T.Count)
            Wide<T>(all, column);
        for (; column < end; column += T.Count)
            Narrow<T>(all, column, (int)Math.Min(T.Count, end - column));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<T>(in State all, nint column)
        where T : struct, ILanes<T>
    {
        float* sums = all.Sums + column;
        for (int vector = 0; vector < Strip; vector++)
            default(T).Store(sums + (vector * T.Count));
        for (nint row = 0; row < all.Rows; row += Block)
        {
            T a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
            float* x = all.X + (row * all.Columns) + column;
            for (nint left = Math.Min(Block, all.Rows - row); left > 0; left--, x += all.Columns)
            {
                a += T.Load(x);
                b += T.Load(x + T.Count);
                c += T.Load(x + (2 * T.Count));
                d += T.Load(x + (3 * T.Count));
                e += T.Load(x + (4 * T.Count));
                f += T.Load(x + (5 * T.Count));
                g += T.Load(x + (6 * T.Count));
                h += T.Load(x + (7 * T.Count));
            }

            (T.Load(sums) + a).Store(sums);
            (T.Load(sums + T.Count) + b).Store(sums + T.Count);
            (T.Load(sums + (2 * T.Count)) + c).Store(sums + (2 * T.Count));
            (T.Load(sums + (3 * T.Count)) + d).Store(sums + (3 * T.Count));
            (T.Load(sums + (4 * T.Count)) + e).Store(sums + (4 * T.Count));
            (T.Load(sums + (5 * T.Count)) + f).Store(sums + (5 * T.Count));
            (T.Load(sums + (6 * T.Count)) + g).Store(sums + (6 * T.Count));
            (T.Load(sums + (7 * T.Count)) + h).Store(sums + (7 * T.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<T>(in State all, nint column, int count)
        where T : struct, ILanes<T>
    {
        T total = default;
        for (nint row = 0; row < all.Rows; row += Block)
        {
            T sum = default;
            float* x = all.X + (row * all.Columns) + column;
            for (nint left = Math.Min(Block, all.Rows - row); left > 0; left--, x += all.Columns)
                sum += T.LoadFirst(x, count);
            total += sum;
        }

        total.StoreFirst(all.Sums + column, count);
    }

    private struct State
    {
        public float* X;
        public float* Sums;
        public nint Rows;
        public nint Columns;
        public Pieces Pieces;
    }
}
