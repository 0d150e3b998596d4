using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Memory that native code has freed and that the C library keeps. glibc returns only what is free at the end of the memory of each of its arenas, so
/// that a service which trains now and then would hold all that a run needed until the next one.
/// </summary>
internal static partial class FreedMemory
{
    /// <summary>
    /// Gives it back to the system, whole pages between memory in use included; what is free at the end of an arena of a thread stays there, as far as the C
    /// library's own threshold says. Other threads' native allocations wait for it. Does nothing where the C library does not keep what is freed.
    /// </summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has the function.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
