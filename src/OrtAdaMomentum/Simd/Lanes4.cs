using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Simd;

/// <summary>4 floats in a 128-bit vector.</summary>
internal readonly unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    internal readonly Vector128<float> Value = value;

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Splat(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(float* from) => new(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => Value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadFirst(float* from, int count) => new(count switch
    {
        0 => Vector128<float>.Zero,
        1 => Vector128.CreateScalar(*from),
        2 => Vector128.Create(Vector64.Load(from), Vector64<float>.Zero),
        3 => Vector128.Create(Vector64.Load(from), Vector64.CreateScalar(from[2])),
        _ => Vector128.Load(from),
    });

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* to, int count)
    {
        if (count == Count)
        {
            Store(to);
            return;
        }

        for (int lane = 0; lane < count; lane++)
            to[lane] = Value[lane];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long* to, long plus)
    {
        Vector128<int> whole = Vector128.ConvertToInt32(Value);
        (Vector128.WidenLower(whole) + Vector128.Create(plus)).Store(to);
        (Vector128.WidenUpper(whole) + Vector128.Create(plus)).Store(to + Vector128<long>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Even(Lanes4 low, Lanes4 high)
    {
        if (Sse.IsSupported)
            return new(Sse.Shuffle(low.Value, high.Value, 0x88));
        if (AdvSimd.Arm64.IsSupported)
            return new(AdvSimd.Arm64.UnzipEven(low.Value, high.Value));
        return new(Vector128.Create(low.Value[0], low.Value[2], high.Value[0], high.Value[2]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Odd(Lanes4 low, Lanes4 high)
    {
        if (Sse.IsSupported)
            return new(Sse.Shuffle(low.Value, high.Value, 0xDD));
        if (AdvSimd.Arm64.IsSupported)
            return new(AdvSimd.Arm64.UnzipOdd(low.Value, high.Value));
        return new(Vector128.Create(low.Value[1], low.Value[3], high.Value[1], high.Value[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum()
    {
        Vector64<float> pairs = Value.GetLower() + Value.GetUpper();
        return pairs[0] + pairs[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 a, Lanes4 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 a, Lanes4 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 a, Lanes4 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 a, Lanes4 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 a, Lanes4 b, Lanes4 c) => new(FusedMultiplyAdd.Of(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Sqrt(Lanes4 value) => new(Vector128.Sqrt(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 a, Lanes4 b) => new(Vector128.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 a, Lanes4 b) => new(Vector128.Min(a.Value, b.Value));

    // Where either is NaN, x64 gives the second operand, and others NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 AtMost(Lanes4 value, Lanes4 limit) => new(Vector128.MinNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 AtLeast(Lanes4 value, Lanes4 limit) => new(Vector128.MaxNative(limit.Value, value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Abs(Lanes4 value) => new(Vector128.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 WhereGreater(Lanes4 a, Lanes4 b, Lanes4 then, Lanes4 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 WhereEqual(Lanes4 a, Lanes4 b, Lanes4 then, Lanes4 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(a.Value, b.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LowBitsAsExponent(Lanes4 value) => new(Vector128.ShiftLeft(value.Value.AsInt32(), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Scale(Lanes4 value, Lanes4 exponent) => Exponential.ScaleInTwo(value, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Clamp(Lanes4 value, Lanes4 limit) => AtLeast(AtMost(value, limit), new(-limit.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Flush(Lanes4 value, Lanes4 smallest) =>
        new(Vector128.AndNot(value.Value, Vector128.LessThan(Vector128.Abs(value.Value), smallest.Value)));
}
