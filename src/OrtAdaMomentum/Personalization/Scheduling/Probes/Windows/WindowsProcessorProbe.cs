using System.Runtime.Versioning;

namespace OrtAdaMomentum.Personalization;

/// <summary>Asks <c>GetSystemTimes</c> and the processor rate of the process's job.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsProcessorProbe : IProcessorProbe
{
    private const double WholeRate = 10_000;

    public ProcessorTimes? ReadTimes()
    {
        long idle, kernel, user;
        // The time of the kernel contains the idle time. Times are in units of 100 ns, as ticks are.
        return WindowsSystem.GetSystemTimes(&idle, &kernel, &user) == 0
            ? null
            : new ProcessorTimes(TimeSpan.FromTicks(kernel + user - idle), TimeSpan.FromTicks(kernel + user));
    }

    public double ReadLimit()
    {
        const uint HardCap = WindowsSystem.JobProcessorRate.IsEnabled | WindowsSystem.JobProcessorRate.IsHardCap;
        double processors = Environment.ProcessorCount;
        WindowsSystem.JobProcessorRate rate;
        if (WindowsSystem.QueryInformationJobObject(
                0, WindowsSystem.JobProcessorRate.Kind, &rate, (uint)sizeof(WindowsSystem.JobProcessorRate), null) == 0
            || (rate.Flags & HardCap) != HardCap)
        {
            return processors;
        }

        // The rate is of the machine's processors, also where affinity leaves fewer.
        double quota = rate.Rate / WholeRate * Environment.ProcessorCount;
        return quota > 0 ? Math.Min(processors, quota) : processors;
    }
}
