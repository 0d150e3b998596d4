using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>Gradient of Clip from that of the output and the input: passed on where the input is inside the limits, these included.</summary>
/// <param name="low">Lower limit.</param>
/// <param name="high">Upper limit; the one that counts when they are the wrong way round.</param>
internal readonly struct ClipBackward(float low, float high) : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T input)
        where T : struct, ILanes<T>
    {
        T output = T.AtMost(T.AtLeast(input, T.Splat(low)), T.Splat(high));
        return T.WhereEqual(input, output, gradient, T.Splat(0f));
    }
}
