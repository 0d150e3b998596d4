using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace OrtAdaMomentum.Threading;

/// <summary>Counts the processor time of one thread, from any thread of the process. Linux and Windows.</summary>
internal sealed unsafe partial class ThreadClock : IDisposable
{
    private readonly int _clock;
    private nint _handle;

    private ThreadClock(int clock, nint handle) => (_clock, _handle) = (clock, handle);

    /// <summary>The clock of the calling thread; null where there is none.</summary>
    public static ThreadClock? OfThisThread()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // As the C library makes the number of a thread's clock: its own number, and the bits of a clock of a thread that counts run time.
                const int ThreadClockBits = 6;
                return new ThreadClock(~GetThreadNumber() << 3 | ThreadClockBits, 0);
            }

            const uint QueryLimitedInformation = 0x800;
            if (OperatingSystem.IsWindows() && OpenThread(QueryLimitedInformation, 0, GetCurrentThreadId()) is not 0 and var handle)
                return new ThreadClock(0, handle);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without these functions.
        }

        return null;
    }

    /// <summary>Time since the thread began; zero when the thread is no more.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                long created, ended, kernel, user;
                return GetThreadTimes(_handle, &created, &ended, &kernel, &user) == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(kernel + user);
            }

            nint* time = stackalloc nint[2];
            return GetClock(_clock, time) == 0 ? TimeSpan.FromTicks(time[0] * TimeSpan.TicksPerSecond + time[1] / 100) : TimeSpan.Zero;
        }
    }

    public void Dispose()
    {
        if (_handle != 0 && OperatingSystem.IsWindows())
            _ = CloseHandle(_handle);
        _handle = 0;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadNumber();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetClock(int clock, nint* time);

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32")]
    private static partial uint GetCurrentThreadId();

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32")]
    private static partial nint OpenThread(uint access, int inherit, uint thread);

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32")]
    private static partial int GetThreadTimes(nint thread, long* created, long* ended, long* kernel, long* user);

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32")]
    private static partial int CloseHandle(nint handle);
}
