using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrtAdaMomentum.Personalization;

/// <summary>The readers of the system that the process runs on. Each can be replaced by a host that knows better.</summary>
internal static class SystemProbes
{
    public static void AddTo(IServiceCollection services)
    {
        services.TryAddSingleton<IProcessClock, ProcessClock>();
        if (OperatingSystem.IsLinux())
            AddLinux(services);
        else if (OperatingSystem.IsWindows())
            AddWindows(services);
        else
            AddUnknown(services);
    }

    private static void AddLinux(IServiceCollection services)
    {
        services.TryAddSingleton<LinuxFiles>(static _ => new LinuxFiles("/"));
        services.TryAddSingleton<IPowerProbe, LinuxPowerProbe>();
        services.TryAddSingleton<ITemperatureProbe, LinuxTemperatureProbe>();
        services.TryAddSingleton<IPressureProbe, LinuxPressureProbe>();
        services.TryAddSingleton<IProcessorProbe>(static provider =>
            new LinuxProcessorProbe(provider.GetRequiredService<LinuxFiles>(), Environment.ProcessorCount));
        services.TryAddSingleton<IMemoryProbe, LinuxMemoryProbe>();
        services.TryAddSingleton<IUserIdleProbe, LinuxUserIdleProbe>();
    }

    private static void AddWindows(IServiceCollection services)
    {
        if (!OperatingSystem.IsWindows())
            return;
        services.TryAddSingleton<IPowerProbe, WindowsPowerProbe>();
        services.TryAddSingleton<IProcessorProbe, WindowsProcessorProbe>();
        services.TryAddSingleton<IMemoryProbe, WindowsMemoryProbe>();
        services.TryAddSingleton<IUserIdleProbe, WindowsUserIdleProbe>();
        AddUnknown(services);
    }

    private static void AddUnknown(IServiceCollection services)
    {
        services.TryAddSingleton<IPowerProbe, UnknownProbes>();
        services.TryAddSingleton<ITemperatureProbe, UnknownProbes>();
        services.TryAddSingleton<IPressureProbe, UnknownProbes>();
        services.TryAddSingleton<IProcessorProbe, UnknownProbes>();
        services.TryAddSingleton<IMemoryProbe, UnknownProbes>();
        services.TryAddSingleton<IUserIdleProbe, UnknownProbes>();
    }
}
