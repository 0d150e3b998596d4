using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace OrtAdaMomentum.Personalization;

/// <summary>The functions of Windows that the probes ask. Structures are laid out as in the Windows SDK.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsSystem
{
    [LibraryImport("kernel32", EntryPoint = "GetSystemPowerStatus")]
    public static partial int GetSystemPowerStatus(PowerStatus* status);

    [LibraryImport("user32", EntryPoint = "GetLastInputInfo")]
    public static partial int GetLastInputInfo(LastInput* input);

    [LibraryImport("kernel32", EntryPoint = "GlobalMemoryStatusEx")]
    public static partial int GlobalMemoryStatusEx(MemoryStatus* status);

    [LibraryImport("kernel32", EntryPoint = "GetSystemTimes")]
    public static partial int GetSystemTimes(long* idle, long* kernel, long* user);

    /// <param name="job">0 for the job that this process is in.</param>
    /// <param name="kind">Which information.</param>
    /// <param name="information">Where it goes.</param>
    /// <param name="length">Bytes that are there.</param>
    /// <param name="written">Bytes that were written.</param>
    [LibraryImport("kernel32", EntryPoint = "QueryInformationJobObject")]
    public static partial int QueryInformationJobObject(nint job, int kind, void* information, uint length, uint* written);

    [StructLayout(LayoutKind.Sequential)]
    public struct PowerStatus
    {
        public byte LineStatus;
        public byte BatteryFlag;
        public byte BatteryPercent;
        public byte SystemFlag;
        public uint BatterySeconds;
        public uint BatteryFullSeconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LastInput
    {
        public uint Size;
        public uint Tick;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryStatus
    {
        public uint Size;
        public uint LoadPercent;
        public ulong TotalPhysical;
        public ulong AvailablePhysical;
        public ulong TotalPageFile;
        public ulong AvailablePageFile;
        public ulong TotalVirtual;
        public ulong AvailableVirtual;
        public ulong AvailableExtendedVirtual;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct JobLimits
    {
        public const int Kind = 9;
        public const uint HasProcessMemoryLimit = 0x100, HasJobMemoryLimit = 0x200;

        public long ProcessUserTimeLimit;
        public long JobUserTimeLimit;
        public uint Flags;
        public nuint MinimumWorkingSet;
        public nuint MaximumWorkingSet;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
        public fixed ulong IoCounters[6];
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemory;
        public nuint PeakJobMemory;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct JobProcessorRate
    {
        public const int Kind = 15;
        public const uint IsEnabled = 1, IsHardCap = 4;

        /// <summary>Of all processors' time, <see cref="Rate"/> is in hundredths of a percent.</summary>
        public uint Flags;
        public uint Rate;
    }
}
