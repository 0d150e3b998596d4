using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Memory in pages of 2 MiB where the system hands them out on request. A step goes through four or five buffers at once, each of which
/// needs its own entry in the processor's table of pages, and hardware prefetching ends at a page's end.
/// </summary>
internal static unsafe partial class LargePages
{
    private const nuint PageBytes = 2 << 20;
    private const int UseHugePages = 14;

    /// <summary>Allocates memory that <see cref="NativeMemory.AlignedFree"/> frees. Its content is undefined.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="alignment">Least alignment, a power of two.</param>
    /// <exception cref="OutOfMemoryException">The memory could not be had.</exception>
    public static void* Allocate(nuint bytes, nuint alignment)
    {
        if (bytes < PageBytes || !OperatingSystem.IsLinux())
            return NativeMemory.AlignedAlloc(bytes, alignment);
        void* memory = NativeMemory.AlignedAlloc(bytes, Math.Max(PageBytes, alignment));
        // Whole pages only: a started one would take memory that nobody uses. A refusal leaves small pages, which work as well.
        _ = Advise(memory, bytes / PageBytes * PageBytes, UseHugePages);
        return memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
