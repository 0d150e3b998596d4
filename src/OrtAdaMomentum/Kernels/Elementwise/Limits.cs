using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>The first tensor as it is.</summary>
internal readonly struct Unchanged : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T first, T second)
        where T : struct, ILanes<T> => first;
}

/// <summary>The larger of the input and zero. Takes the input twice.</summary>
internal readonly struct Relu : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T input, T same)
        where T : struct, ILanes<T> => T.Max(input, T.Splat(0f));
}

/// <summary>Limits the input. Takes it twice.</summary>
/// <param name="low">Lower limit.</param>
/// <param name="high">Upper limit; the one that counts when they are the wrong way round.</param>
internal readonly struct Clip(float low, float high) : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T input, T same)
        where T : struct, ILanes<T> => T.Min(T.Max(input, T.Splat(low)), T.Splat(high));
}
