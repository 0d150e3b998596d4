using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>Gradient of Relu from that of the output and the output: passed on where the output is positive.</summary>
internal readonly struct ReluBackward : IElementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T gradient, T output)
        where T : struct, ILanes<T> => T.WhereGreater(output, T.Splat(0f), gradient, T.Splat(0f));
}
