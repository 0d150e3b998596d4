using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Replaces parts of the fine-tuning service of one model.</summary>
public sealed class FineTuningBuilder
{
    internal FineTuningBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Supplies what the model knew before: samples that must not get worse, and samples to rehearse.</summary>
    public FineTuningBuilder UseReferenceData(Func<IServiceProvider, IReferenceData> factory) => Replace(factory);

    /// <summary>Supplies what the model knew before, read from files at the start for what the model takes.</summary>
    /// <example><c>UseReferenceData((_, schema) => new ReferenceData(DatasetFile.Open("golden.npz", schema), null))</c></example>
    public FineTuningBuilder UseReferenceData(Func<IServiceProvider, DatasetSchema, IReferenceData> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Replace<ReferenceDataFactory>(provider => schema => factory(provider, schema));
    }

    /// <summary>Keeps samples in another store than a SQLite file in the data folder.</summary>
    public FineTuningBuilder UseSampleStore(Func<IServiceProvider, ISampleStore> factory) => Replace(factory);

    /// <summary>Decides in another way when a run starts.</summary>
    public FineTuningBuilder UseTrigger(Func<IServiceProvider, ITrainingTrigger> factory) => Replace(factory);

    /// <summary>Adds a condition that has to be met for training to go on, beside those of <see cref="TrainingConditionOptions"/>.</summary>
    public FineTuningBuilder AddCondition(Func<IServiceProvider, ITrainingCondition> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.AddKeyedSingleton(Name, (provider, _) => factory(provider));
        return this;
    }

    /// <summary>Signs the versions that are stored, and serves only what is signed.</summary>
    public FineTuningBuilder UseModelSigner(Func<IServiceProvider, IModelSigner> factory) => Replace(factory);

    /// <summary>Adds an <see cref="IPredictor{TInput, TOutput}"/> on the application's own types.</summary>
    /// <param name="encode">Makes the model's inputs of an object: tensors of one sample, without a batch axis.</param>
    /// <param name="decode">Makes the answer of the model's outputs.</param>
    public FineTuningBuilder AddPredictor<TInput, TOutput>(
        Func<TInput, IReadOnlyDictionary<string, SampleTensor>> encode, Func<IReadOnlyDictionary<string, SampleTensor>, TOutput> decode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        ArgumentNullException.ThrowIfNull(decode);
        ModelParts.AddPublic<IPredictor<TInput, TOutput>>(
            Services, Name, parts => new TypedPredictor<TInput, TOutput>(parts.Get<IPredictor>(), encode, decode));
        return this;
    }

    private FineTuningBuilder Replace<T>(Func<IServiceProvider, T> factory)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAllKeyed<T>(Name);
        Services.AddKeyedSingleton(Name, (provider, _) => factory(provider));
        return this;
    }
}
