using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// Turns matrices of as many rows, or columns, as a register has lanes. Four columns of all rows at once are four rows of every quarter of a
/// register: wide shuffles turn these squares in place.
/// </summary>
internal static unsafe class LaneTranspose
{
    private const int Block = 4;

    /// <summary>Lays the elements of some rows side by side.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="fromStride">Floats from a row to the next.</param>
    /// <param name="rows">Number of rows, at most as many as a register has lanes.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="to">Where the first column goes.</param>
    /// <param name="toStride">Floats from there to where the next one goes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<T>(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
        where T : struct, ILanes<T>
    {
        if (!IsWide<T>() || rows < T.Count || columns < Block)
        {
            MatrixTranspose.Run(from, fromStride, rows, columns, to, toStride);
            return;
        }

        // The last block overlaps the one before, and writes the same there again.
        int column = 0;
        for (; column <= columns - Block; column += Block)
            JoinBlock<T>(from + column, fromStride, to + (column * toStride), toStride);
        if (column < columns)
            JoinBlock<T>(from + (columns - Block), fromStride, to + ((columns - Block) * toStride), toStride);
    }

    /// <summary>Lays elements that lie side by side into rows.</summary>
    /// <param name="from">The first elements of all rows, then, behind as many floats as a register has lanes, the second ones.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="rows">Number of rows, at most as many as a register has lanes.</param>
    /// <param name="to">The first row.</param>
    /// <param name="toStride">Floats from a row to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split<T>(float* from, int columns, int rows, float* to, nint toStride)
        where T : struct, ILanes<T>
    {
        if (!IsWide<T>() || rows < T.Count || columns < Block)
        {
            MatrixTranspose.Run(from, T.Count, columns, rows, to, toStride);
            return;
        }

        int column = 0;
        for (; column <= columns - Block; column += Block)
            SplitBlock<T>(from + (column * T.Count), to + column, toStride);
        if (column < columns)
            SplitBlock<T>(from + ((columns - Block) * T.Count), to + (columns - Block), toStride);
    }

    private static bool IsWide<T>()
        where T : struct, ILanes<T> =>
        (T.Count == Vector512<float>.Count && Avx512F.IsSupported) || (T.Count == Vector256<float>.Count && Avx.IsSupported);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinBlock<T>(float* from, nint stride, float* to, nint toStride)
        where T : struct, ILanes<T>
    {
        float* second = from + stride, third = second + stride, fourth = third + stride;
        if (T.Count == Vector512<float>.Count)
        {
            var (a, b, c, d) = Turn(Load512(from, stride), Load512(second, stride), Load512(third, stride), Load512(fourth, stride));
            a.Store(to);
            b.Store(to + toStride);
            c.Store(to + (2 * toStride));
            d.Store(to + (3 * toStride));
        }
        else
        {
            var (a, b, c, d) = Turn(Load256(from, stride), Load256(second, stride), Load256(third, stride), Load256(fourth, stride));
            a.Store(to);
            b.Store(to + toStride);
            c.Store(to + (2 * toStride));
            d.Store(to + (3 * toStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitBlock<T>(float* from, float* to, nint stride)
        where T : struct, ILanes<T>
    {
        float* second = to + stride, third = second + stride, fourth = third + stride;
        if (T.Count == Vector512<float>.Count)
        {
            var (a, b, c, d) = Turn(
                Vector512.Load(from), Vector512.Load(from + T.Count), Vector512.Load(from + (2 * T.Count)), Vector512.Load(from + (3 * T.Count)));
            Store(a, to, stride);
            Store(b, second, stride);
            Store(c, third, stride);
            Store(d, fourth, stride);
        }
        else
        {
            var (a, b, c, d) = Turn(
                Vector256.Load(from), Vector256.Load(from + T.Count), Vector256.Load(from + (2 * T.Count)), Vector256.Load(from + (3 * T.Count)));
            Store(a, to, stride);
            Store(b, second, stride);
            Store(c, third, stride);
            Store(d, fourth, stride);
        }
    }

    /// <summary>Four floats of every fourth row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load512(float* from, nint stride)
    {
        var all = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        all = Avx512F.InsertVector128(all, Vector128.Load(from + (4 * stride)), 1);
        all = Avx512F.InsertVector128(all, Vector128.Load(from + (8 * stride)), 2);
        return Avx512F.InsertVector128(all, Vector128.Load(from + (12 * stride)), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load256(float* from, nint stride) =>
        Avx.InsertVector128(Vector128.Load(from).ToVector256Unsafe(), Vector128.Load(from + (4 * stride)), 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> value, float* to, nint stride)
    {
        value.GetLower().GetLower().Store(to);
        Avx512F.ExtractVector128(value, 1).Store(to + (4 * stride));
        Avx512F.ExtractVector128(value, 2).Store(to + (8 * stride));
        Avx512F.ExtractVector128(value, 3).Store(to + (12 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> value, float* to, nint stride)
    {
        value.GetLower().Store(to);
        Avx.ExtractVector128(value, 1).Store(to + (4 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> A, Vector512<float> B, Vector512<float> C, Vector512<float> D) Turn(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector512<double> abLow = Avx512F.UnpackLow(a, b).AsDouble(), abHigh = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> cdLow = Avx512F.UnpackLow(c, d).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        return (
            Avx512F.UnpackLow(abLow, cdLow).AsSingle(), Avx512F.UnpackHigh(abLow, cdLow).AsSingle(),
            Avx512F.UnpackLow(abHigh, cdHigh).AsSingle(), Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> A, Vector256<float> B, Vector256<float> C, Vector256<float> D) Turn(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<double> abLow = Avx.UnpackLow(a, b).AsDouble(), abHigh = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> cdLow = Avx.UnpackLow(c, d).AsDouble(), cdHigh = Avx.UnpackHigh(c, d).AsDouble();
        return (
            Avx.UnpackLow(abLow, cdLow).AsSingle(), Avx.UnpackHigh(abLow, cdLow).AsSingle(),
            Avx.UnpackLow(abHigh, cdHigh).AsSingle(), Avx.UnpackHigh(abHigh, cdHigh).AsSingle());
    }
}
