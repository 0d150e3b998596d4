using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Simd;

/// <summary>16 floats in a 512-bit vector.</summary>
internal readonly unsafe struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    internal readonly Vector512<float> Value = value;

    private static Vector512<int> Evens => Vector512<int>.Indices + Vector512<int>.Indices;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Splat(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadFirst(float* from, int count)
    {
        if (Avx512F.IsSupported)
            return new(Avx512F.MaskLoad(from, First(count), Vector512<float>.Zero));
        return count < Lanes8.Count
            ? new(Vector512.Create(Lanes8.LoadFirst(from, count).Value, Vector256<float>.Zero))
            : new(Vector512.Create(Vector256.Load(from), Lanes8.LoadFirst(from + Lanes8.Count, count - Lanes8.Count).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* to, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(to, First(count), Value);
            return;
        }

        Lanes8 lower = new(Value.GetLower());
        if (count < Lanes8.Count)
        {
            lower.StoreFirst(to, count);
            return;
        }

        lower.Store(to);
        new Lanes8(Value.GetUpper()).StoreFirst(to + Lanes8.Count, count - Lanes8.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long* to, long plus)
    {
        Vector512<int> whole = Vector512.ConvertToInt32(Value);
        (Vector512.WidenLower(whole) + Vector512.Create(plus)).Store(to);
        (Vector512.WidenUpper(whole) + Vector512.Create(plus)).Store(to + Vector512<long>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Even(Lanes16 low, Lanes16 high)
    {
        if (Avx512F.IsSupported)
            return new(Avx512F.PermuteVar16x32x2(low.Value, Evens, high.Value));
        return new(Vector512.Create(
            Lanes8.Even(new(low.Value.GetLower()), new(low.Value.GetUpper())).Value,
            Lanes8.Even(new(high.Value.GetLower()), new(high.Value.GetUpper())).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Odd(Lanes16 low, Lanes16 high)
    {
        if (Avx512F.IsSupported)
            return new(Avx512F.PermuteVar16x32x2(low.Value, Evens + Vector512<int>.One, high.Value));
        return new(Vector512.Create(
            Lanes8.Odd(new(low.Value.GetLower()), new(low.Value.GetUpper())).Value,
            Lanes8.Odd(new(high.Value.GetLower()), new(high.Value.GetUpper())).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => new Lanes8(Value.GetLower() + Value.GetUpper()).Sum();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 a, Lanes16 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 a, Lanes16 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 a, Lanes16 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 a, Lanes16 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 a, Lanes16 b, Lanes16 c) => new(Vector512.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 a, Lanes16 b) => new(Vector512.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 a, Lanes16 b) => new(Vector512.Min(a.Value, b.Value));

    // Where either is NaN, x64 gives the second operand, and others NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 AtMost(Lanes16 value, Lanes16 limit) => new(Vector512.MinNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 AtLeast(Lanes16 value, Lanes16 limit) => new(Vector512.MaxNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Abs(Lanes16 value) => new(Vector512.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WhereGreater(Lanes16 a, Lanes16 b, Lanes16 then, Lanes16 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WhereEqual(Lanes16 a, Lanes16 b, Lanes16 then, Lanes16 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LowBitsAsExponent(Lanes16 value) => new(Vector512.ShiftLeft(value.Value.AsInt32(), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Scale(Lanes16 value, Lanes16 exponent) =>
        Avx512F.IsSupported ? new(Avx512F.Scale(value.Value, exponent.Value)) : Exponential.ScaleInTwo(value, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Clamp(Lanes16 value, Lanes16 limit) => AtLeast(AtMost(value, limit), new(-limit.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Flush(Lanes16 value, Lanes16 smallest) =>
        new(Vector512.AndNot(value.Value, Vector512.LessThan(Vector512.Abs(value.Value), smallest.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
