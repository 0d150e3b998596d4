using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Simd;

/// <summary>
/// a b + c, rounded once, in 128 bits. A program compiled ahead of time for any x64 processor would call a function of the C library for every
/// lane; asking for the instruction by name, it finds it at run time.
/// </summary>
internal static class FusedMultiplyAdd
{
    /// <summary>
    /// Whether kernels, which are little else, can have it without asking each time: compiled at run time, for Arm64, or ahead of time for
    /// processors with AVX2.
    /// </summary>
    public static bool IsCompiledIn =>
        Vector256.IsHardwareAccelerated || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported || (RuntimeFeature.IsDynamicCodeCompiled && Fma.IsSupported);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, c) : Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Of(Vector128<double> a, Vector128<double> b, Vector128<double> c) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, c) : Vector128.FusedMultiplyAdd(a, b, c);
}
