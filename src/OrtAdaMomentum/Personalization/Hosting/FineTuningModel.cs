namespace OrtAdaMomentum.Personalization;

/// <summary>Everything about one model of the host, under the name that it was added with.</summary>
public sealed class FineTuningModel
{
    /// <summary>Name of a model that was added without one.</summary>
    public const string DefaultName = "default";

    private readonly ModelParts _parts;

    internal FineTuningModel(ModelParts parts) => _parts = parts;

    /// <summary>The name, which is also the key of its services.</summary>
    public string Name => _parts.Name;

    /// <summary>Takes samples in.</summary>
    public ISampleIngest Ingest => _parts.Get<ISampleIngest>();

    /// <summary>Keeps the samples.</summary>
    public ISampleStore Store => _parts.Get<ISampleStore>();

    /// <summary>Runs the current version.</summary>
    public IPredictor Predictor => _parts.Get<IPredictor>();

    /// <summary>Leases the session of the current version.</summary>
    public IModelServer Server => _parts.Get<IModelServer>();

    /// <summary>Takes in how well answers did.</summary>
    public IModelFeedback Feedback => _parts.Get<IModelFeedback>();

    /// <summary>Shows what the service does.</summary>
    public IFineTuningMonitor Monitor => _parts.Get<IFineTuningMonitor>();

    /// <summary>Steers the service.</summary>
    public IFineTuningControl Control => _parts.Get<IFineTuningControl>();

    /// <summary>The versions.</summary>
    public ModelRegistry Registry => _parts.Get<ModelRegistry>();

    /// <summary>The options that are in force now.</summary>
    public FineTuningServiceOptions Options => _parts.Options;
}
