using System.Runtime.Intrinsics;

namespace OrtAdaMomentum.Simd;

/// <summary>How many bits of floats a kernel handles at once.</summary>
internal enum VectorWidth
{
    Scalar = 32,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}

/// <summary>Which width this machine runs best.</summary>
internal static class VectorWidths
{
    public static VectorWidth Widest { get; } =
        Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;
}
