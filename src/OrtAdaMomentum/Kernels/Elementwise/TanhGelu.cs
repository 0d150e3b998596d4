using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, the approximation of <see cref="Gelu"/>. Takes the input twice.</summary>
internal readonly struct TanhGelu : IElementwise
{
    internal const float Linear = 0.797884561f;
    internal const float Cubic = 0.044715f * Linear;

    /// <summary>Beyond it tanh is 1, and the gradient 0 or 1; the square of a much larger input would be infinite.</summary>
    private const float Limit = 20f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T input, T same)
        where T : struct, ILanes<T> => input * Share(input).Share;

    /// <summary>Which share of the input is let through, and its derivative times the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (T Share, T Slope) Share<T>(T input)
        where T : struct, ILanes<T>
    {
        // (1 + tanh a) / 2 = 1 / (1 + e^-2a), which keeps its digits where it is small; its derivative by a is twice share times rest.
        T x = T.Clamp(input, T.Splat(Limit));
        T square = x * x;
        T share = Exponential.Sigmoid(x * T.MultiplyAdd(square, T.Splat(2 * Cubic), T.Splat(2 * Linear)));
        T inner = x * T.MultiplyAdd(square, T.Splat(6 * Cubic), T.Splat(2 * Linear));
        return (share, share * (T.Splat(1f) - share) * inner);
    }
}

/// <summary>Gradient of <see cref="TanhGelu"/> from that of the output and the input.</summary>
internal readonly struct TanhGeluBackward : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T input)
        where T : struct, ILanes<T>
    {
        (T share, T slope) = TanhGelu.Share(input);
        return gradient * (share + slope);
    }
}
