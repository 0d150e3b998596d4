using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// What is done to the output of a normalisation before anything reads it. Attributes: <c>activation</c>, one of <see cref="None"/>,
/// <see cref="Relu"/> and <see cref="Clip"/>; with the last, <c>low</c> and <c>high</c>, the limits.
/// </summary>
internal readonly struct FollowingActivation(KernelAttributes node)
{
    public const int None = 0;
    public const int Relu = 1;
    public const int Clip = 2;

    public long Kind { get; } = node.Integer("activation", None);

    public float Low { get; } = node.Number("low", float.NegativeInfinity);

    public float High { get; } = node.Number("high", float.PositiveInfinity);
}
