using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <summary>How long and in which portions to train.</summary>
public sealed record TrainingPlan
{
    /// <summary>How often every sample is used, 1 or more.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Samples of one forward and backward pass, 1 or more. The last batch of an epoch may be smaller where the model allows it.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Batches whose gradients are averaged for one step, 1 or more.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>Decides the order of the samples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How the learning rate goes over the steps: <c>constant</c>, <c>linear</c> or <c>cosine</c>.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>Steps over which the learning rate rises from 0 at the start.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Where checkpoints are written; null writes none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Steps between two checkpoints; 0 writes one after every epoch.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>Whether to go on from <see cref="CheckpointPath"/> if that file is there.</summary>
    public bool Resume { get; init; }

    /// <summary>Steps between two evaluations on the validation data; 0 evaluates after every epoch.</summary>
    public int EvaluateEverySteps { get; init; }

    /// <summary>Steps in all over a number of samples.</summary>
    public int StepsFor(int samples) => checked(Epochs * StepsPerEpoch(samples));

    internal int StepsPerEpoch(int samples) => (int)((samples + (long)BatchSize * AccumulationSteps - 1) / ((long)BatchSize * AccumulationSteps));

    internal void Validate()
    {
        AtLeast(1, Epochs, nameof(Epochs));
        AtLeast(1, BatchSize, nameof(BatchSize));
        AtLeast(1, AccumulationSteps, nameof(AccumulationSteps));
        AtLeast(0, WarmupSteps, nameof(WarmupSteps));
        AtLeast(0, CheckpointEverySteps, nameof(CheckpointEverySteps));
        AtLeast(0, EvaluateEverySteps, nameof(EvaluateEverySteps));
        if (!LearningRateSchedules.Names.Contains(Schedule))
            throw new FineTuningException($"There is no schedule named '{Schedule}'. Known schedules: {string.Join(", ", LearningRateSchedules.Names)}.");
        if (Resume && CheckpointPath is null)
            throw new FineTuningException("To resume, the plan needs the path of a checkpoint.");
    }

    private static void AtLeast(int least, int value, string name)
    {
        if (value < least)
            throw new FineTuningException($"{name} must be at least {least}, was {value}.");
    }
}
