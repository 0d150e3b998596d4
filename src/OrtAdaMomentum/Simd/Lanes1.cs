using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Simd;

/// <summary>One float: for machines without vectors, and what the vectors are held against in the tests.</summary>
internal readonly unsafe struct Lanes1(float value) : ILanes<Lanes1>
{
    internal readonly float Value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Splat(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(float* from) => new(*from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => *to = Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LoadFirst(float* from, int count) => new(count == 0 ? 0f : *from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* to, int count)
    {
        if (count != 0)
            *to = Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long* to, long plus) => *to = (long)Value + plus;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Even(Lanes1 low, Lanes1 high) => low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Odd(Lanes1 low, Lanes1 high) => high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator +(Lanes1 a, Lanes1 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 a, Lanes1 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator *(Lanes1 a, Lanes1 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator /(Lanes1 a, Lanes1 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 MultiplyAdd(Lanes1 a, Lanes1 b, Lanes1 c) => new(MathF.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Sqrt(Lanes1 value) => new(MathF.Sqrt(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 a, Lanes1 b) => new(MathF.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Min(Lanes1 a, Lanes1 b) => new(MathF.Min(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 AtMost(Lanes1 value, Lanes1 limit) => limit.Value < value.Value ? limit : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 AtLeast(Lanes1 value, Lanes1 limit) => limit.Value > value.Value ? limit : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Abs(Lanes1 value) => new(MathF.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 WhereGreater(Lanes1 a, Lanes1 b, Lanes1 then, Lanes1 otherwise) => a.Value > b.Value ? then : otherwise;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 WhereEqual(Lanes1 a, Lanes1 b, Lanes1 then, Lanes1 otherwise) => a.Value == b.Value ? then : otherwise;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LowBitsAsExponent(Lanes1 value) =>
        new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value.Value) << 23));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Scale(Lanes1 value, Lanes1 exponent) => Exponential.ScaleInTwo(value, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Clamp(Lanes1 value, Lanes1 limit) =>
        new(MathF.Abs(value.Value) > limit.Value ? MathF.CopySign(limit.Value, value.Value) : value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Flush(Lanes1 value, Lanes1 smallest) => new(MathF.Abs(value.Value) < smallest.Value ? 0f : value.Value);
}
