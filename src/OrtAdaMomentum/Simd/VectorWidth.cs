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

    /// <summary>A width, or less where half of it holds so many floats too.</summary>
    public static VectorWidth NoWiderThan(int floats, VectorWidth width)
    {
        const int bits = 8 * sizeof(float);
        while (width > VectorWidth.Bits128 && (long)floats * bits <= (int)width / 2)
            width = (VectorWidth)((int)width / 2);
        return width;
    }
}
