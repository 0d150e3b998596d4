using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Simd;

/// <summary>8 floats in a 256-bit vector.</summary>
internal readonly unsafe struct Lanes8(Vector256<float> value) : ILanes<Lanes8>
{
    internal readonly Vector256<float> Value = value;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Splat(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadFirst(float* from, int count)
    {
        if (Avx.IsSupported)
            return new(Avx.MaskLoad(from, First(count)));
        return count < Lanes4.Count
            ? new(Vector256.Create(Lanes4.LoadFirst(from, count).Value, Vector128<float>.Zero))
            : new(Vector256.Create(Vector128.Load(from), Lanes4.LoadFirst(from + Lanes4.Count, count - Lanes4.Count).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* to, int count)
    {
        if (Avx.IsSupported)
        {
            Avx.MaskStore(to, First(count), Value);
            return;
        }

        Lanes4 lower = new(Value.GetLower());
        if (count < Lanes4.Count)
        {
            lower.StoreFirst(to, count);
            return;
        }

        lower.Store(to);
        new Lanes4(Value.GetUpper()).StoreFirst(to + Lanes4.Count, count - Lanes4.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long* to, long plus)
    {
        Vector256<int> whole = Vector256.ConvertToInt32(Value);
        (Vector256.WidenLower(whole) + Vector256.Create(plus)).Store(to);
        (Vector256.WidenUpper(whole) + Vector256.Create(plus)).Store(to + Vector256<long>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Even(Lanes8 low, Lanes8 high)
    {
        if (Avx2.IsSupported)
            return new(Avx2.Permute4x64(Avx.Shuffle(low.Value, high.Value, 0x88).AsDouble(), 0xD8).AsSingle());
        return new(Vector256.Create(
            Lanes4.Even(new(low.Value.GetLower()), new(low.Value.GetUpper())).Value,
            Lanes4.Even(new(high.Value.GetLower()), new(high.Value.GetUpper())).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Odd(Lanes8 low, Lanes8 high)
    {
        if (Avx2.IsSupported)
            return new(Avx2.Permute4x64(Avx.Shuffle(low.Value, high.Value, 0xDD).AsDouble(), 0xD8).AsSingle());
        return new(Vector256.Create(
            Lanes4.Odd(new(low.Value.GetLower()), new(low.Value.GetUpper())).Value,
            Lanes4.Odd(new(high.Value.GetLower()), new(high.Value.GetUpper())).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => new Lanes4(Value.GetLower() + Value.GetUpper()).Sum();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 a, Lanes8 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 a, Lanes8 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 a, Lanes8 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 a, Lanes8 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 a, Lanes8 b, Lanes8 c) => new(Vector256.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 a, Lanes8 b) => new(Vector256.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Min(Lanes8 a, Lanes8 b) => new(Vector256.Min(a.Value, b.Value));

    // Where either is NaN, x64 gives the second operand, and others NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 AtMost(Lanes8 value, Lanes8 limit) => new(Vector256.MinNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 AtLeast(Lanes8 value, Lanes8 limit) => new(Vector256.MaxNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Abs(Lanes8 value) => new(Vector256.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WhereGreater(Lanes8 a, Lanes8 b, Lanes8 then, Lanes8 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WhereEqual(Lanes8 a, Lanes8 b, Lanes8 then, Lanes8 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LowBitsAsExponent(Lanes8 value) => new(Vector256.ShiftLeft(value.Value.AsInt32(), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Scale(Lanes8 value, Lanes8 exponent) => Exponential.ScaleInTwo(value, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Clamp(Lanes8 value, Lanes8 limit) => AtLeast(AtMost(value, limit), new(-limit.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Flush(Lanes8 value, Lanes8 smallest) =>
        new(Vector256.AndNot(value.Value, Vector256.LessThan(Vector256.Abs(value.Value), smallest.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> First(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
}
