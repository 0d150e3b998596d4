using System.Diagnostics;
using System.Runtime.Versioning;

namespace OrtAdaMomentum.Personalization;

/// <summary>Asks <c>GlobalMemoryStatusEx</c> and the limits of the process's job.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsMemoryProbe : IMemoryProbe
{
    public long? ReadAvailableBytes()
    {
        var status = new WindowsSystem.MemoryStatus { Size = (uint)sizeof(WindowsSystem.MemoryStatus) };
        long? ofMachine = WindowsSystem.GlobalMemoryStatusEx(&status) == 0 ? null : Clamp(status.AvailablePhysical);
        return ReadLeftInJob() is { } left ? Math.Min(ofMachine ?? left, left) : ofMachine;
    }

    /// <summary>
    /// What this process may still commit. A job does not tell what its other processes have committed, so a limit of the whole job is taken as
    /// one of this process.
    /// </summary>
    private static long? ReadLeftInJob()
    {
        WindowsSystem.JobLimits limits;
        if (WindowsSystem.QueryInformationJobObject(0, WindowsSystem.JobLimits.Kind, &limits, (uint)sizeof(WindowsSystem.JobLimits), null) == 0)
            return null;
        long limit = long.MaxValue;
        if ((limits.Flags & WindowsSystem.JobLimits.HasProcessMemoryLimit) != 0)
            limit = Clamp(limits.ProcessMemoryLimit);
        if ((limits.Flags & WindowsSystem.JobLimits.HasJobMemoryLimit) != 0)
            limit = Math.Min(limit, Clamp(limits.JobMemoryLimit));
        if (limit == long.MaxValue)
            return null;
        using var self = Process.GetCurrentProcess();
        return Math.Max(0, limit - self.PrivateMemorySize64);
    }

    private static long Clamp(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);
}
