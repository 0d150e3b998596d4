using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>What the service needs of training. Between them stands this interface, so that the service is tested without training.</summary>
internal interface ITrainingEngine
{
    /// <summary>What samples of a model have to look like.</summary>
    /// <exception cref="FineTuningException">The model cannot be trained with these options.</exception>
    SampleSchema Describe(byte[] model);

    /// <summary>Checks that the machine can take the training of a model now.</summary>
    /// <exception cref="FineTuningException">It cannot; the message says why.</exception>
    void Admit(byte[] model)
    {
    }

    /// <summary>
    /// Trains a model and writes the result. When cancelled it stops after the step under way, leaving a checkpoint from which the same
    /// call goes on to the same result.
    /// </summary>
    Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, CancellationToken cancellationToken);

    /// <summary>
    /// Measures a model, read from its file like any other, sample by sample, on held-out samples and on golden ones where there are any.
    /// </summary>
    Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? golden, CancellationToken cancellationToken);
}

/// <summary>What to train.</summary>
/// <param name="Model">The model file to start from.</param>
/// <param name="Data">The samples.</param>
/// <param name="Validation">Samples to measure on after every epoch, so that progress shows how well it goes; null for none.</param>
/// <param name="Seed">Decides their order.</param>
/// <param name="CheckpointPath">Where to write checkpoints, and to go on from if there is one.</param>
/// <param name="OutputPath">Where to write the trained model.</param>
internal sealed record TrainingJob(byte[] Model, IDataset Data, IDataset? Validation, ulong Seed, string CheckpointPath, string OutputPath);
