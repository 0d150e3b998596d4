using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// The innermost product: a tile of some rows by two registers, kept in registers over the whole depth. Each step multiplies a column of
/// the left operand, element by element, by a row of the right one. Heights are fixed, since each row needs registers of its own.
/// </summary>
internal static unsafe class Tile
{
    /// <summary>Rows of the tallest tile: as many as the registers hold beside one row of the right operand.</summary>
    public static int Tallest<T>()
        where T : struct, ILanes<T> => T.Count == Lanes16.Count ? 12 : 6;

    /// <summary>Columns of every tile.</summary>
    public static int Width<T>()
        where T : struct, ILanes<T> => 2 * T.Count;

    /// <summary>Writes or adds the product.</summary>
    /// <param name="height">2, 4, 6, 8 or 12 rows.</param>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="result">The tile's first element.</param>
    /// <param name="resultStride">Floats from a row of the result to the next.</param>
    /// <param name="add">Whether to add to the result.</param>
    public static void Multiply<T>(int height, in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        switch (height)
        {
            case 12:
                Tall12<T>(operands, result, resultStride, add);
                break;
            case 8:
                Tall8<T>(operands, result, resultStride, add);
                break;
            case 6:
                Tall6<T>(operands, result, resultStride, add);
                break;
            case 4:
                Tall4<T>(operands, result, resultStride, add);
                break;
            default:
                Tall2<T>(operands, result, resultStride, add);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall12<T>(in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        LanePair<T> row0 = default, row1 = default, row2 = default, row3 = default, row4 = default, row5 = default,
            row6 = default, row7 = default, row8 = default, row9 = default, row10 = default, row11 = default;
        float* b = operands.Right, ahead = operands.Ahead == null ? b : operands.Ahead;
        nint aheadStep = operands.AheadStep;
        nint depth = operands.Depth, step = operands.LeftStep, row = operands.LeftGap + 1, two = 2 * row;
        for (nint run = 0; run < operands.Runs; run++)
        {
            float* a = operands.Left + operands.RunOffsets[run], a3 = a + two + row, a6 = a3 + two + row, a9 = a6 + two + row;
            for (nint left = depth; left > 0; left--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Count);
                Prefetch.Soon(ahead);
                ahead += aheadStep;
                row0 = row0.Add(a, b0, b1);
                row1 = row1.Add(a + row, b0, b1);
                row2 = row2.Add(a + two, b0, b1);
                row3 = row3.Add(a3, b0, b1);
                row4 = row4.Add(a3 + row, b0, b1);
                row5 = row5.Add(a3 + two, b0, b1);
                row6 = row6.Add(a6, b0, b1);
                row7 = row7.Add(a6 + row, b0, b1);
                row8 = row8.Add(a6 + two, b0, b1);
                row9 = row9.Add(a9, b0, b1);
                row10 = row10.Add(a9 + row, b0, b1);
                row11 = row11.Add(a9 + two, b0, b1);
                a += step;
                a3 += step;
                a6 += step;
                a9 += step;
                b += 2 * T.Count;
            }
        }

        row0.Store(result, add);
        row1.Store(result + resultStride, add);
        row2.Store(result + (2 * resultStride), add);
        row3.Store(result + (3 * resultStride), add);
        row4.Store(result + (4 * resultStride), add);
        row5.Store(result + (5 * resultStride), add);
        row6.Store(result + (6 * resultStride), add);
        row7.Store(result + (7 * resultStride), add);
        row8.Store(result + (8 * resultStride), add);
        row9.Store(result + (9 * resultStride), add);
        row10.Store(result + (10 * resultStride), add);
        row11.Store(result + (11 * resultStride), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall8<T>(in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        LanePair<T> row0 = default, row1 = default, row2 = default, row3 = default, row4 = default, row5 = default,
            row6 = default, row7 = default;
        float* b = operands.Right, ahead = operands.Ahead == null ? b : operands.Ahead;
        nint aheadStep = operands.AheadStep;
        nint depth = operands.Depth, step = operands.LeftStep, row = operands.LeftGap + 1, two = 2 * row;
        for (nint run = 0; run < operands.Runs; run++)
        {
            float* a = operands.Left + operands.RunOffsets[run], a3 = a + two + row, a6 = a3 + two + row;
            for (nint left = depth; left > 0; left--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Count);
                Prefetch.Soon(ahead);
                ahead += aheadStep;
                row0 = row0.Add(a, b0, b1);
                row1 = row1.Add(a + row, b0, b1);
                row2 = row2.Add(a + two, b0, b1);
                row3 = row3.Add(a3, b0, b1);
                row4 = row4.Add(a3 + row, b0, b1);
                row5 = row5.Add(a3 + two, b0, b1);
                row6 = row6.Add(a6, b0, b1);
                row7 = row7.Add(a6 + row, b0, b1);
                a += step;
                a3 += step;
                a6 += step;
                b += 2 * T.Count;
            }
        }

        row0.Store(result, add);
        row1.Store(result + resultStride, add);
        row2.Store(result + (2 * resultStride), add);
        row3.Store(result + (3 * resultStride), add);
        row4.Store(result + (4 * resultStride), add);
        row5.Store(result + (5 * resultStride), add);
        row6.Store(result + (6 * resultStride), add);
        row7.Store(result + (7 * resultStride), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall6<T>(in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        LanePair<T> row0 = default, row1 = default, row2 = default, row3 = default, row4 = default, row5 = default;
        float* b = operands.Right, ahead = operands.Ahead == null ? b : operands.Ahead;
        nint aheadStep = operands.AheadStep;
        nint depth = operands.Depth, step = operands.LeftStep, row = operands.LeftGap + 1, two = 2 * row;
        for (nint run = 0; run < operands.Runs; run++)
        {
            float* a = operands.Left + operands.RunOffsets[run], a3 = a + two + row;
            for (nint left = depth; left > 0; left--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Count);
                Prefetch.Soon(ahead);
                ahead += aheadStep;
                row0 = row0.Add(a, b0, b1);
                row1 = row1.Add(a + row, b0, b1);
                row2 = row2.Add(a + two, b0, b1);
                row3 = row3.Add(a3, b0, b1);
                row4 = row4.Add(a3 + row, b0, b1);
                row5 = row5.Add(a3 + two, b0, b1);
                a += step;
                a3 += step;
                b += 2 * T.Count;
            }
        }

        row0.Store(result, add);
        row1.Store(result + resultStride, add);
        row2.Store(result + (2 * resultStride), add);
        row3.Store(result + (3 * resultStride), add);
        row4.Store(result + (4 * resultStride), add);
        row5.Store(result + (5 * resultStride), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall4<T>(in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        LanePair<T> row0 = default, row1 = default, row2 = default, row3 = default;
        float* b = operands.Right, ahead = operands.Ahead == null ? b : operands.Ahead;
        nint aheadStep = operands.AheadStep;
        nint depth = operands.Depth, step = operands.LeftStep, row = operands.LeftGap + 1, two = 2 * row;
        for (nint run = 0; run < operands.Runs; run++)
        {
            float* a = operands.Left + operands.RunOffsets[run], a3 = a + two + row;
            for (nint left = depth; left > 0; left--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Count);
                Prefetch.Soon(ahead);
                ahead += aheadStep;
                row0 = row0.Add(a, b0, b1);
                row1 = row1.Add(a + row, b0, b1);
                row2 = row2.Add(a + two, b0, b1);
                row3 = row3.Add(a3, b0, b1);
                a += step;
                a3 += step;
                b += 2 * T.Count;
            }
        }

        row0.Store(result, add);
        row1.Store(result + resultStride, add);
        row2.Store(result + (2 * resultStride), add);
        row3.Store(result + (3 * resultStride), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tall2<T>(in TileOperands operands, float* result, nint resultStride, bool add)
        where T : struct, ILanes<T>
    {
        LanePair<T> row0 = default, row1 = default;
        float* b = operands.Right, ahead = operands.Ahead == null ? b : operands.Ahead;
        nint aheadStep = operands.AheadStep;
        nint depth = operands.Depth, step = operands.LeftStep, row = operands.LeftGap + 1;
        for (nint run = 0; run < operands.Runs; run++)
        {
            float* a = operands.Left + operands.RunOffsets[run];
            for (nint left = depth; left > 0; left--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Count);
                Prefetch.Soon(ahead);
                ahead += aheadStep;
                row0 = row0.Add(a, b0, b1);
                row1 = row1.Add(a + row, b0, b1);
                a += step;
                b += 2 * T.Count;
            }
        }

        row0.Store(result, add);
        row1.Store(result + resultStride, add);
    }
}
