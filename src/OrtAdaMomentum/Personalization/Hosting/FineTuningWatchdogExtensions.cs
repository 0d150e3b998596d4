using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Personalization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the answer to systemd's watchdog to a host.</summary>
public static class FineTuningWatchdogExtensions
{
    /// <summary>
    /// Answers the watchdog of a systemd unit with <c>WatchdogSec=</c> for as long as every model is served and takes samples. Does nothing elsewhere.
    /// Add it after the models; that the service is ready is told by <c>AddSystemd</c>.
    /// </summary>
    public static IServiceCollection AddFineTuningWatchdog(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SystemdWatchdog>(static provider => new SystemdWatchdog(
            provider.GetRequiredService<IFineTuningModels>(),
            SystemdNotification.Read(Environment.GetEnvironmentVariable, Environment.ProcessId),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SystemdWatchdog>>())));
        return services;
    }
}
