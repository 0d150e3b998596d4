using Microsoft.Extensions.Configuration;
using OrtAdaMomentum.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Sets the options of the HTTP interface of the fine-tuning service.</summary>
public static class FineTuningWebServiceCollectionExtensions
{
    /// <summary>Sets the options. Without them only processes on the same machine are let in.</summary>
    public static IServiceCollection AddFineTuningWeb(this IServiceCollection services, Action<FineTuningWebOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<FineTuningWebOptions>().Configure(configure);
        return services;
    }

    /// <summary>
    /// Reads the options from configuration, such as the section <c>FineTuningWeb</c> of <c>appsettings.json</c>, and follows its changes while the host
    /// runs.
    /// </summary>
    public static IServiceCollection AddFineTuningWeb(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<FineTuningWebOptions>().Bind(section);
        return services;
    }
}
