using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Threading;

/// <summary>Lets a thread give way to others.</summary>
internal static partial class LowPriority
{
    // A tenth of the weight of an ordinary thread that wants the same processor.
    private const int Nice = 10;

    /// <summary>
    /// Lowers the calling thread for good. Linux has a nice value for each thread, which .NET does not set; a thread may always take a higher one.
    /// Does nothing where it cannot be done.
    /// </summary>
    public static void TakeForThisThread()
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            return;
        }

        const int OfProcessOrThread = 0, ThisThread = 0;
        try
        {
            // Fails where the whole process has a higher one already.
            _ = SetPriority(OfProcessOrThread, ThisThread, Nice);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without the function.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
