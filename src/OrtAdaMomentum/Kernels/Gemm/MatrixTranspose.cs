using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>Turns a matrix of floats: rows become columns.</summary>
internal static unsafe class MatrixTranspose
{
    private const int Block = 4;

    /// <summary>Writes the columns of a matrix as rows.</summary>
    /// <param name="from">The matrix.</param>
    /// <param name="fromStride">Floats from a row of it to the next.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="to">The turned matrix.</param>
    /// <param name="toStride">Floats from a row of that to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        int row = 0;
        for (; Avx.IsSupported && row + (2 * Block) <= rows; row += 2 * Block)
        {
            float* first = from + (row * fromStride);
            float* turned = to + row;
            int column = 0;
            for (; column + Block <= columns; column += Block, turned += Block * toStride)
                TurnTallBlock(first + column, fromStride, turned, toStride);
            for (; column < columns; column++, turned += toStride)
            {
                for (int i = 0; i < 2 * Block; i++)
                    turned[i] = first[(i * fromStride) + column];
            }
        }

        for (; Sse.IsSupported && row + Block <= rows; row += Block)
        {
            float* first = from + (row * fromStride);
            float* turned = to + row;
            int column = 0;
            for (; column + Block <= columns; column += Block, turned += Block * toStride)
                TurnBlock(first + column, fromStride, turned, toStride);
            for (; column < columns; column++, turned += toStride)
            {
                for (int i = 0; i < Block; i++)
                    turned[i] = first[(i * fromStride) + column];
            }
        }

        for (; row < rows; row++)
        {
            float* first = from + (row * fromStride);
            for (int column = 0; column < columns; column++)
                to[(column * toStride) + row] = first[column];
        }
    }

    /// <summary>
    /// The same for a turned matrix whose rows lie far apart, often at distances that share the same places of the nearest cache: it writes
    /// few rows at once.
    /// </summary>
    public static void RunApart(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        for (int column = 0; column < columns; column += Block)
            Run(from + column, fromStride, rows, Math.Min(Block, columns - column), to + (column * toStride), toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnBlock(float* from, nint fromStride, float* to, nint toStride)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromStride);
        Vector128<float> c = Vector128.Load(from + (2 * fromStride)), d = Vector128.Load(from + (3 * fromStride));
        Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b);
        Vector128<float> cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(abLow, cdLow).Store(to);
        Sse.MoveHighToLow(cdLow, abLow).Store(to + toStride);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + (2 * toStride));
        Sse.MoveHighToLow(cdHigh, abHigh).Store(to + (3 * toStride));
    }

    /// <summary>Eight rows: the last four in the upper halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnTallBlock(float* from, nint fromStride, float* to, nint toStride)
    {
        float* lower = from + (4 * fromStride);
        Vector256<float> a = Rows(from, lower), b = Rows(from + fromStride, lower + fromStride);
        Vector256<float> c = Rows(from + (2 * fromStride), lower + (2 * fromStride));
        Vector256<float> d = Rows(from + (3 * fromStride), lower + (3 * fromStride));
        Vector256<double> abLow = Avx.UnpackLow(a, b).AsDouble(), abHigh = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> cdLow = Avx.UnpackLow(c, d).AsDouble(), cdHigh = Avx.UnpackHigh(c, d).AsDouble();
        Avx.UnpackLow(abLow, cdLow).AsSingle().Store(to);
        Avx.UnpackHigh(abLow, cdLow).AsSingle().Store(to + toStride);
        Avx.UnpackLow(abHigh, cdHigh).AsSingle().Store(to + (2 * toStride));
        Avx.UnpackHigh(abHigh, cdHigh).AsSingle().Store(to + (3 * toStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Rows(float* low, float* high) =>
        Avx.InsertVector128(Vector128.Load(low).ToVector256Unsafe(), Vector128.Load(high), 1);
}
