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
}
