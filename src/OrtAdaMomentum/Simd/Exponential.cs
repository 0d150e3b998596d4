using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Simd;

/// <summary>The exponential function and what follows from it, to about one unit in the last place over all floats.</summary>
internal static class Exponential
{
    private const float Log2E = 1.44269504f;

    // Their sum is ln 2. The first has few digits, so that its product with a whole number is exact.
    private const float UpperLn2 = 0.693359375f;
    private const float LowerLn2 = -2.12194440e-4f;

    /// <summary>Adding it leaves a small number, rounded to a whole one, in the lowest bits of the sum.</summary>
    private const float Whole = 12582912f;

    // Beyond these the result is infinite, or rounds to zero.
    private const float Greatest = 89f;
    private const float Least = -104f;

    /// <summary>e to the power of each lane: infinite beyond the greatest float, subnormal and zero below the smallest, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T value)
        where T : struct, ILanes<T>
    {
        // e^x = 2^n e^r with a whole n and |r| at most half of ln 2.
        T x = T.AtLeast(T.AtMost(value, T.Splat(Greatest)), T.Splat(Least));
        T n = T.MultiplyAdd(x, T.Splat(Log2E), T.Splat(Whole)) - T.Splat(Whole);
        T r = T.MultiplyAdd(n, T.Splat(-LowerLn2), T.MultiplyAdd(n, T.Splat(-UpperLn2), x));

        T tail = T.MultiplyAdd(r, T.Splat(0.00139261836f), T.Splat(0.00836317905f));
        tail = T.MultiplyAdd(r, tail, T.Splat(0.0416665546f));
        tail = T.MultiplyAdd(r, tail, T.Splat(0.16666577f));
        tail = T.MultiplyAdd(r, tail, T.Splat(0.5f));
        T power = T.MultiplyAdd(r * r, tail, r) + T.Splat(1f);
        return T.Scale(power, n);
    }

    /// <summary>A value times 2 to the power of a whole number, in two factors, as no float has all of these numbers for its exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ScaleInTwo<T>(T value, T exponent)
        where T : struct, ILanes<T>
    {
        T half = T.MultiplyAdd(exponent, T.Splat(0.5f), T.Splat(Whole)) - T.Splat(Whole);
        return value * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T value)
        where T : struct, ILanes<T> => T.Splat(1f) / (T.Splat(1f) + Of(T.Splat(0f) - value));

    /// <summary>The hyperbolic tangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T value)
        where T : struct, ILanes<T>
    {
        // Far from zero 1 - 2 / (e^2x + 1) has all digits; near it a polynomial has them.
        T magnitude = T.Abs(value);
        T far = T.Splat(1f) - (T.Splat(2f) / (Of(magnitude + magnitude) + T.Splat(1f)));
        far = T.WhereGreater(T.Splat(0f), value, T.Splat(0f) - far, far);

        T square = value * value;
        T near = T.MultiplyAdd(square, T.Splat(0.00226950168f), T.Splat(-0.00832318706f));
        near = T.MultiplyAdd(square, near, T.Splat(0.0217625029f));
        near = T.MultiplyAdd(square, near, T.Splat(-0.0539584616f));
        near = T.MultiplyAdd(square, near, T.Splat(0.133333001f));
        near = T.MultiplyAdd(square, near, T.Splat(-0.333333331f));
        near = T.MultiplyAdd(square * value, near, value);
        return T.WhereGreater(T.Splat(0.625f), magnitude, near, far);
    }

    /// <summary>2 to the power of a whole number from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T PowerOfTwo<T>(T exponent)
        where T : struct, ILanes<T> => T.LowBitsAsExponent(exponent + T.Splat(Whole + 127f));
}
