using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.Personalization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the fine-tuning service to a host.</summary>
public static class FineTuningServiceCollectionExtensions
{
    /// <summary>
    /// Adds the service: <see cref="ISampleIngest"/>, <see cref="IPredictor"/>, <see cref="IModelServer"/>,
    /// <see cref="IFineTuningMonitor"/>, <see cref="IFineTuningControl"/> and <see cref="ModelRegistry"/> are then there to be injected.
    /// Options are checked when the host starts.
    /// </summary>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, Action<FineTuningServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<FineTuningServiceOptions>().Configure(configure).ValidateOnStart();
        return AddServices(services);
    }

    /// <summary>Adds the service with options from configuration, such as the section <c>FineTuning</c> of <c>appsettings.json</c>.</summary>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<FineTuningServiceOptions>().Configure(options => section.Bind(options)).ValidateOnStart();
        return AddServices(services);
    }

    private static FineTuningBuilder AddServices(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FineTuningServiceOptions>, FineTuningOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<FineTuningMetrics>();
        AddSamples(services);
        AddModels(services);
        AddRunning(services);
        return new FineTuningBuilder(services);
    }

    private static void AddSamples(IServiceCollection services)
    {
        services.TryAddSingleton<IReferenceData>(ReferenceData.None);
        services.TryAddSingleton<ReferenceDataFactory>(static provider => _ => provider.GetRequiredService<IReferenceData>());
        services.TryAddSingleton<ISampleStore>(static provider => new SqliteSampleStore(
            Path.Combine(Options(provider).DataDirectory, "samples.db"),
            Options(provider).SampleLimits,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new SampleIngest(
            Options(provider).QueueCapacity, Options(provider).ValidationShare, provider.GetRequiredService<FineTuningMetrics>()));
        services.TryAddSingleton<ISampleIngest>(static provider => provider.GetRequiredService<SampleIngest>());
        services.TryAddSingleton<SamplePump>();
    }

    private static void AddModels(IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new ModelRegistry(
            Path.Combine(Options(provider).DataDirectory, "registry"),
            Options(provider).KeepVersions,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ModelRegistry>>()));
        services.TryAddSingleton(static provider => new ModelServer(
            provider.GetRequiredService<ModelRegistry>(), Options(provider).Threads, provider.GetRequiredService<FineTuningMetrics>()));
        services.TryAddSingleton<IModelServer>(static provider => provider.GetRequiredService<ModelServer>());
        services.TryAddSingleton<IPredictor, Predictor>();
        services.TryAddSingleton<VersionSwitch>();
    }

    private static void AddRunning(IServiceCollection services)
    {
        services.TryAddSingleton<ITrainingTrigger>(static provider => new MinimumSamplesTrigger(Options(provider).MinimumSamples));
        services.TryAddSingleton<FineTuningMonitor>();
        services.TryAddSingleton<IFineTuningMonitor>(static provider => provider.GetRequiredService<FineTuningMonitor>());
        // The options as they are at the start: a change while a run is under way must not mix two settings.
        services.TryAddSingleton(Options);
        services.TryAddSingleton<ITrainingEngine, TrainingEngine>();
        services.TryAddSingleton<FineTuningRun>();
        services.TryAddSingleton<FineTuningService>();
        services.TryAddSingleton<IFineTuningControl>(static provider => provider.GetRequiredService<FineTuningService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FineTuningService>(
            static provider => provider.GetRequiredService<FineTuningService>()));
    }

    private static FineTuningServiceOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<FineTuningServiceOptions>>().Value;
}
