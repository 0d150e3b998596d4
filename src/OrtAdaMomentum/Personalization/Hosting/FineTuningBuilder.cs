using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrtAdaMomentum.Personalization;

/// <summary>Replaces parts of the fine-tuning service.</summary>
public sealed class FineTuningBuilder
{
    internal FineTuningBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Supplies what the model knew before: samples that must not get worse, and samples to rehearse.</summary>
    public FineTuningBuilder UseReferenceData(Func<IServiceProvider, IReferenceData> factory) => Replace(factory);

    /// <summary>Keeps samples in another store than memory.</summary>
    public FineTuningBuilder UseSampleStore(Func<IServiceProvider, ISampleStore> factory) => Replace(factory);

    /// <summary>Decides in another way when a run starts.</summary>
    public FineTuningBuilder UseTrigger(Func<IServiceProvider, ITrainingTrigger> factory) => Replace(factory);

    private FineTuningBuilder Replace<T>(Func<IServiceProvider, T> factory)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.Replace(ServiceDescriptor.Singleton(factory));
        return this;
    }
}
