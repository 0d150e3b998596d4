using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>What of the gradient of an activation's output comes to its input, which is the output of a normalisation.</summary>
internal struct Passing<TActivation, T>
    where TActivation : unmanaged, IElementwise
    where T : struct, ILanes<T>
{
    /// <summary>What makes the one gradient of the other, given the activation's input.</summary>
    public TActivation Activation;

    /// <summary>Mean of the normalisation's input.</summary>
    public T Mean;

    /// <summary>Scale over standard deviation.</summary>
    public T Factor;

    /// <summary>What the normalisation adds last.</summary>
    public T Bias;

    /// <summary>The gradient of the activation's input, given the centred input of the normalisation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T Of(T gradient, T centred) => Activation.Of(gradient, T.MultiplyAdd(centred, Factor, Bias));
}
