using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.Personalization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the fine-tuning service to a host.</summary>
public static class FineTuningServiceCollectionExtensions
{
    /// <summary>
    /// Adds the service for one model: <see cref="ISampleIngest"/>, <see cref="IPredictor"/>, <see cref="IModelServer"/>,
    /// <see cref="IFineTuningMonitor"/>, <see cref="IFineTuningControl"/>, <see cref="ModelRegistry"/> and <see cref="FineTuningModel"/> are then there to
    /// be injected. Options are checked when the host starts.
    /// </summary>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, Action<FineTuningServiceOptions> configure) =>
        services.AddFineTuning(FineTuningModel.DefaultName, configure);

    /// <summary>
    /// Adds the service for a model with a name. Its services have the name as their key; those of the model that was added first are there without a
    /// key too. <see cref="IFineTuningModels"/> lists all.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">Letters, digits, '-', '_' and '.', at most 64, since it is part of addresses.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentException">The name is not allowed, or was used already.</exception>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, string name, Action<FineTuningServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return AddServices(services, name, section: null, configure);
    }

    /// <summary>Adds the service with options from configuration, such as the section <c>FineTuning</c> of <c>appsettings.json</c>.</summary>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, IConfigurationSection section) =>
        services.AddFineTuning(FineTuningModel.DefaultName, section);

    /// <summary>
    /// Adds the service for a model with a name, with options from configuration. A change of the configuration takes effect while the service runs, as
    /// far as that is possible.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">Letters, digits, '-', '_' and '.', at most 64, since it is part of addresses.</param>
    /// <param name="section">The options.</param>
    /// <exception cref="ArgumentException">The name is not allowed, or was used already.</exception>
    public static FineTuningBuilder AddFineTuning(this IServiceCollection services, string name, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return AddServices(services, name, section, options => section.Bind(options));
    }

    private static FineTuningBuilder AddServices(
        IServiceCollection services, string name, IConfigurationSection? section, Action<FineTuningServiceOptions> configure)
    {
        CheckName(services, name);
        services.AddSingleton(new FineTuningModels.Added(name));
        services.TryAddSingleton<IFineTuningModels, FineTuningModels>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FineTuningServiceOptions>, FineTuningOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<FineTuningServiceOptions>(name).Configure(configure).ValidateOnStart();
        ModelParts.Add(services, name, parts => new CurrentOptions(
            name,
            parts.Provider.GetRequiredService<IOptionsFactory<FineTuningServiceOptions>>(),
            section,
            parts.Get<FineTuningProblems>(),
            parts.Logger<CurrentOptions>()));
        ModelParts.AddPublic(services, name, static parts => new FineTuningModel(parts));
        ModelParts.Add(services, name, parts => new FineTuningMetrics(parts.Provider.GetService<IMeterFactory>(), name));
        ModelParts.Add(services, name, static parts => new FineTuningProblems(parts.Time, parts.Logger<FineTuningProblems>()));
        AddSamples(services, name);
        AddModels(services, name);
        SchedulingServices.AddTo(services, name);
        AddRunning(services, name);
        return new FineTuningBuilder(services, name);
    }

    private static void CheckName(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 64 || name.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
            throw new ArgumentException($"A model's name has at most 64 letters, digits, '-', '_' and '.', was '{name}'.", nameof(name));
        if (services.Any(service => service.ImplementationInstance is FineTuningModels.Added added && added.Name == name))
            throw new ArgumentException($"A model named '{name}' was added already.", nameof(name));
    }

    private static void AddSamples(IServiceCollection services, string name)
    {
        ModelParts.Add<IReferenceData>(services, name, static _ => ReferenceData.None);
        ModelParts.Add<ReferenceDataFactory>(services, name, static parts => _ => parts.Get<IReferenceData>());
        ModelParts.AddPublic<ISampleStore>(services, name, StoreOf);
        ModelParts.Add(services, name, static parts => new WatchedSampleStore(
            parts.Get<ISampleStore>(), parts.Get<FineTuningProblems>(), parts.Get<FineTuningMetrics>()));
        ModelParts.Add(services, name, static parts => new SampleIngest(parts.Get<CurrentOptions>(), parts.Get<FineTuningMetrics>()));
        ModelParts.AddPublic<ISampleIngest>(services, name, static parts => parts.Get<SampleIngest>());
        ModelParts.Add(services, name, static parts => new SamplePump(
            parts.Get<SampleIngest>(), parts.Get<WatchedSampleStore>(), parts.Get<FineTuningMetrics>(), parts.Get<FineTuningMonitor>(), parts.Logger<SamplePump>(),
            parts.Get<VersionWatch>()));
    }

    private static SqliteSampleStore StoreOf(ModelParts parts)
    {
        var options = parts.Get<CurrentOptions>();
        var store = new SqliteSampleStore(Path.Combine(options.Value.DataDirectory, "samples.db"), options.Value.SampleLimits, parts.Time)
        {
            Encryption = options.Value.Encryption.CreateKeySource(),
        };
        Follow();
        options.Changed += Follow;
        return store;

        void Follow()
        {
            store.Limits = options.Value.SampleLimits;
            store.Compression = options.Value.Compression;
        }
    }

    private static void AddModels(IServiceCollection services, string name)
    {
        ModelParts.AddPublic(services, name, static parts => new ModelRegistry(
            Path.Combine(parts.Options.DataDirectory, "registry"), () => parts.Options.KeepVersions, parts.Find<IModelSigner>(), parts.Time, parts.Logger<ModelRegistry>()));
        ModelParts.Add(services, name, static parts => new DriftMonitor(
            parts.Get<CurrentOptions>(), parts.Get<FineTuningMetrics>(), parts.Time, parts.Logger<DriftMonitor>()));
        ModelParts.Add(services, name, static parts => new ModelServer(
            parts.Get<ModelRegistry>(), parts.Options.Threads, parts.Get<FineTuningMetrics>(), parts.Get<DriftMonitor>()));
        ModelParts.AddPublic<IModelServer>(services, name, static parts => parts.Get<ModelServer>());
        ModelParts.AddPublic<IPredictor>(services, name, static parts => new Predictor(
            parts.Get<IModelServer>(), parts.Get<FineTuningMetrics>(), parts.Get<DriftMonitor>(), parts.Time, () => parts.Get<SampleIngest>().OpenAxes));
        ModelParts.Add(services, name, static parts => new VersionSwitch(
            parts.Get<ModelRegistry>(), parts.Get<ModelServer>(), parts.Get<FineTuningMetrics>(), parts.Get<FineTuningMonitor>(), parts.Logger<VersionSwitch>()));
        ModelParts.Add(services, name, static parts => new VersionWatch(
            parts.Get<CurrentOptions>(),
            parts.Get<ModelRegistry>(),
            parts.Get<ModelServer>(),
            parts.Get<VersionSwitch>(),
            parts.Get<FineTuningMetrics>(),
            parts.Get<FineTuningMonitor>(),
            parts.Time,
            parts.Logger<VersionWatch>()));
        ModelParts.AddPublic<IModelFeedback>(services, name, static parts => parts.Get<VersionWatch>());
    }

    private static void AddRunning(IServiceCollection services, string name)
    {
        ModelParts.Add<ITrainingTrigger>(services, name, static parts => new MinimumSamplesTrigger(parts.Get<CurrentOptions>()));
        ModelParts.Add(services, name, static parts => new FineTuningMonitor(parts.Get<FineTuningProblems>(), parts.Get<DriftMonitor>(), parts.Time));
        ModelParts.AddPublic<IFineTuningMonitor>(services, name, static parts => parts.Get<FineTuningMonitor>());
        ModelParts.Add<ITrainingEngine>(services, name, static parts => new TrainingEngine(
            parts.Get<CurrentOptions>(), parts.Time, parts.Get<TrainingPace>(), parts.Get<MemoryBudget>()));
        ModelParts.Add(services, name, static parts => new FineTuningRun(
            parts.Get<CurrentOptions>(),
            parts.Get<WatchedSampleStore>(),
            parts.Get<ITrainingEngine>(),
            parts.Get<ModelRegistry>(),
            parts.Get<VersionSwitch>(),
            parts.Get<FineTuningMetrics>(),
            parts.Get<FineTuningMonitor>(),
            parts.Get<FineTuningProblems>(),
            parts.Time,
            parts.Logger<FineTuningRun>()));
        ModelParts.Add(services, name, static parts => new RunLoop(
            parts.Get<WatchedSampleStore>(),
            parts.Get<ITrainingTrigger>(),
            parts.Get<FineTuningRun>(),
            parts.Get<FineTuningMonitor>(),
            parts.Get<TrainingSchedule>(),
            new WakeUp(),
            parts.Time,
            parts.Logger<FineTuningService>()));
        ModelParts.Add(services, name, static parts => new FineTuningService(
            parts.Get<CurrentOptions>(),
            parts.Get<ReferenceDataFactory>(),
            parts.Get<ITrainingEngine>(),
            parts.Get<ModelRegistry>(),
            parts.Get<ModelServer>(),
            parts.Get<VersionSwitch>(),
            parts.Get<SampleIngest>(),
            parts.Get<SamplePump>(),
            new RegistryWatch(parts.Get<ModelRegistry>(), parts.Get<FineTuningProblems>(), parts.Get<CurrentOptions>(), parts.Time),
            parts.Get<RunLoop>(),
            parts.Get<VersionWatch>(),
            parts.Get<FineTuningMonitor>(),
            parts.Get<DriftMonitor>(),
            parts.Get<TrainingSchedule>(),
            parts.Time,
            parts.Logger<FineTuningService>()));
        ModelParts.AddPublic<IFineTuningControl>(services, name, static parts => parts.Get<FineTuningService>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<FineTuningService>(name));
    }
}
