using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>x Φ(x) with the normal distribution Φ. Takes the input twice.</summary>
internal readonly struct Gelu : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T input, T same)
        where T : struct, ILanes<T> => input * NormalDistribution.At(input).Below;
}

/// <summary>Gradient of <see cref="Gelu"/> from that of the output and the input: times Φ(x) + x φ(x).</summary>
internal readonly struct GeluBackward : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T input)
        where T : struct, ILanes<T>
    {
        (T below, T density) = NormalDistribution.At(input);
        return gradient * T.MultiplyAdd(T.Clamp(input, T.Splat(NormalDistribution.Limit)), density, below);
    }
}
