using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OrtAdaMomentum.Simd;

/// <summary>Asks for memory before it is used, where the processor has an instruction for that. It changes no result.</summary>
internal static unsafe class Prefetch
{
    /// <summary>
    /// 2 KiB: hardware follows a stream only up to the end of a page and then has to find it again, which this far ahead bridges.
    /// </summary>
    private const int Distance = 512;

    /// <summary>Asks for the line at a fixed distance behind <paramref name="at"/>. The address need not be one that can be read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(float* at)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(at + Distance);
    }

    /// <summary>
    /// Asks for a line that is needed soon but not at once: it goes to the second cache. The address need not be one that can be read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Soon(float* at)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(at);
    }

    /// <summary>The same for all lines of some floats.</summary>
    public static void Soon(float* from, int count)
    {
        const int Line = 16;
        for (int index = 0; index < count; index += Line)
            Soon(from + index);
    }
}
