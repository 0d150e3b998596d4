using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers.Simd;

/// <summary>Sums of squares in double, one for each float of a register. A float's square is exact in double and cannot overflow.</summary>
/// <typeparam name="TSelf">The sums.</typeparam>
/// <typeparam name="TLanes">The register.</typeparam>
internal unsafe interface ISquares<TSelf, TLanes>
    where TSelf : struct, ISquares<TSelf, TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Adds the squares of as many floats as the register holds.</summary>
    TSelf Add(float* from);

    static abstract TSelf operator +(TSelf a, TSelf b);

    void Store(double* to);
}

internal readonly unsafe struct Squares16(Vector512<double> lower, Vector512<double> upper) : ISquares<Squares16, Lanes16>
{
    private readonly Vector512<double> _lower = lower;
    private readonly Vector512<double> _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Squares16 Add(float* from)
    {
        (Vector256<float> lower, Vector256<float> upper) = (Vector256.Load(from), Vector256.Load(from + Vector256<float>.Count));
        Vector512<double> a = Vector512.WidenLower(lower.ToVector512Unsafe()), b = Vector512.WidenLower(upper.ToVector512Unsafe());
        return new(Vector512.FusedMultiplyAdd(a, a, _lower), Vector512.FusedMultiplyAdd(b, b, _upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Squares16 operator +(Squares16 a, Squares16 b) => new(a._lower + b._lower, a._upper + b._upper);

    public void Store(double* to)
    {
        _lower.Store(to);
        _upper.Store(to + Vector512<double>.Count);
    }
}

internal readonly unsafe struct Squares8(Vector256<double> lower, Vector256<double> upper) : ISquares<Squares8, Lanes8>
{
    private readonly Vector256<double> _lower = lower;
    private readonly Vector256<double> _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Squares8 Add(float* from)
    {
        (Vector128<float> lower, Vector128<float> upper) = (Vector128.Load(from), Vector128.Load(from + Vector128<float>.Count));
        Vector256<double> a = Vector256.WidenLower(lower.ToVector256Unsafe()), b = Vector256.WidenLower(upper.ToVector256Unsafe());
        return new(Vector256.FusedMultiplyAdd(a, a, _lower), Vector256.FusedMultiplyAdd(b, b, _upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Squares8 operator +(Squares8 a, Squares8 b) => new(a._lower + b._lower, a._upper + b._upper);

    public void Store(double* to)
    {
        _lower.Store(to);
        _upper.Store(to + Vector256<double>.Count);
    }
}

internal readonly unsafe struct Squares4(Vector128<double> lower, Vector128<double> upper) : ISquares<Squares4, Lanes4>
{
    private readonly Vector128<double> _lower = lower;
    private readonly Vector128<double> _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Squares4 Add(float* from)
    {
        (Vector128<double> a, Vector128<double> b) = Vector128.Widen(Vector128.Load(from));
        return new(FusedMultiplyAdd.Of(a, a, _lower), FusedMultiplyAdd.Of(b, b, _upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Squares4 operator +(Squares4 a, Squares4 b) => new(a._lower + b._lower, a._upper + b._upper);

    public void Store(double* to)
    {
        _lower.Store(to);
        _upper.Store(to + Vector128<double>.Count);
    }
}

internal readonly unsafe struct Squares1(double sum) : ISquares<Squares1, Lanes1>
{
    private readonly double _sum = sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Squares1 Add(float* from) => new(((double)*from * *from) + _sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Squares1 operator +(Squares1 a, Squares1 b) => new(a._sum + b._sum);

    public void Store(double* to) => *to = _sum;
}
