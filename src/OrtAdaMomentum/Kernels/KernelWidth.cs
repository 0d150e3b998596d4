using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels;

/// <summary>Chooses among the versions of a kernel, or of its piece.</summary>
internal static unsafe class KernelWidth
{
    /// <summary>Runs the version of a kernel for <paramref name="width"/>, or for the widest vectors of this machine.</summary>
    public static void Run<TArguments>(
        in TArguments arguments,
        Scratch scratch,
        KernelThreads threads,
        VectorWidth? width,
        delegate*<in TArguments, Scratch, KernelThreads, void> bits512,
        delegate*<in TArguments, Scratch, KernelThreads, void> bits256,
        delegate*<in TArguments, Scratch, KernelThreads, void> bits128,
        delegate*<in TArguments, Scratch, KernelThreads, void> scalar)
    {
        var version = (width ?? VectorWidths.Widest) switch
        {
            VectorWidth.Bits512 => bits512,
            VectorWidth.Bits256 => bits256,
            VectorWidth.Bits128 => bits128,
            _ => scalar,
        };
        version(arguments, scratch, threads);
    }

    /// <summary>The version for <paramref name="width"/>, or for the widest vectors of this machine.</summary>
    public static delegate*<void*, int, void> Choose(
        VectorWidth? width,
        delegate*<void*, int, void> bits512,
        delegate*<void*, int, void> bits256,
        delegate*<void*, int, void> bits128,
        delegate*<void*, int, void> scalar) => (width ?? VectorWidths.Widest) switch
        {
            VectorWidth.Bits512 => bits512,
            VectorWidth.Bits256 => bits256,
            VectorWidth.Bits128 => bits128,
            _ => scalar,
        };
}
