using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Threading;

/// <summary>Lets a thread give way to others.</summary>
internal static partial class LowPriority
{
    /// <summary>A tenth of the weight of an ordinary thread that wants the same processor, for work without an end in sight.</summary>
    public const int Background = 10;

    /// <summary>A third of that weight, for work that somebody waits for.</summary>
    public const int Awaited = 5;

    /// <summary>
    /// Lowers the calling thread for good. Linux has a nice value for each thread, which .NET does not set; a thread may always take a higher one.
    /// Does nothing where it cannot be done.
    /// </summary>
    public static void TakeForThisThread(int nice = Background)
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
            _ = SetPriority(OfProcessOrThread, ThisThread, nice);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without the function.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
