using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Bench;

/// <summary>What the system counts for this process.</summary>
internal static unsafe partial class ProcessUsage
{
    private const int ResourceUsageWords = 18, InvoluntarySwitches = 17;

    /// <summary>How often a thread of this process lost its core to another process; 0 where the system is not Linux.</summary>
    public static long LostCores()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        long* usage = stackalloc long[ResourceUsageWords];
        return GetResourceUsage(0, usage) == 0 ? usage[InvoluntarySwitches] : 0;
    }

    /// <summary>The most resident memory so far, in bytes.</summary>
    public static long PeakResidentBytes()
    {
        const string label = "VmHWM:";
        if (OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(label, StringComparison.Ordinal)) is { } line)
        {
            return 1024 * long.Parse(line[label.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, long* usage);
}
