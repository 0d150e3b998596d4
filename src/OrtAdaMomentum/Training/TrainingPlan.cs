using OrtAdaMomentum.Artifacts;
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

    /// <summary>
    /// Ends training early and goes back to the best epoch; needs validation data and <see cref="CheckpointPath"/>, beside which the best epoch's
    /// parameters are kept. Null, the default, goes through all epochs and ends with the last.
    /// </summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// How far the parameters may get from those that the session has when training begins, as a share of their Euclidean norm (all trainable parameters
    /// together), above 0; a step that goes farther ends on the boundary. Resuming takes the session's parameters before the checkpoint is
    /// read for the beginning. Null, the default, for no limit.
    /// </summary>
    public double? MaximumUpdateNorm { get; init; }

    /// <summary>Steps in all over a number of samples.</summary>
    public int StepsFor(int samples) => checked(Epochs * StepsPerEpoch(samples));

    /// <summary>
    /// Checks that this plan goes on from a place in training as the run that came there would have. More epochs are no other training where
    /// the schedule is constant; other schedules depend on them.
    /// </summary>
    /// <param name="cursor">The place.</param>
    /// <param name="samples">Number of samples to go on with.</param>
    /// <exception cref="FineTuningException">Something that the steps depend on differs; the message names it with both values.</exception>
    public void CheckContinues(TrainingCursor cursor, int samples)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        Same("seed", cursor.Seed, Seed);
        if (cursor.Settings is { } then)
        {
            Same("number of samples", then.Samples, samples);
            Same("batch size", then.BatchSize, BatchSize);
            Same("number of batches for one step", then.AccumulationSteps, AccumulationSteps);
            Same("schedule", then.Schedule, Schedule);
            Same("number of warm-up steps", then.WarmupSteps, WarmupSteps);
            if (then.EarlyStopping != EarlyStopping)
                throw Differs("early stopping", then.EarlyStopping, EarlyStopping);
            if (then.MaximumUpdateNorm != MaximumUpdateNorm)
                throw Differs("maximum update norm", then.MaximumUpdateNorm, MaximumUpdateNorm);
            if (Schedule != LearningRateSchedules.Constant)
                Same($"number of epochs, on which the schedule '{Schedule}' depends,", then.Epochs, Epochs);
        }

        if (cursor.Position > samples)
            throw new FineTuningException($"The checkpoint stands at sample {cursor.Position} of an epoch, but there are only {samples} samples.");
        if (cursor.Epoch > Epochs || (cursor.Epoch == Epochs && cursor.Position > 0))
            throw new FineTuningException($"The checkpoint stands after {cursor.Step} steps in epoch {cursor.Epoch + (cursor.Position > 0 ? 1 : 0)}, but the plan ends with epoch {Epochs}.");
    }

    /// <summary>Where the best epoch's parameters are kept.</summary>
    internal string BestPath => CheckpointPath + ".best";

    internal RunSettings SettingsFor(int samples) =>
        new(Epochs, BatchSize, AccumulationSteps, Schedule, WarmupSteps, samples) { EarlyStopping = EarlyStopping, MaximumUpdateNorm = MaximumUpdateNorm };

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
        EarlyStopping?.Validate();
        if (EarlyStopping is not null && CheckpointPath is null)
            throw new FineTuningException("To keep the best epoch, the plan needs the path of a checkpoint.");
        if (MaximumUpdateNorm is { } norm && !(double.IsFinite(norm) && norm > 0))
            throw new FineTuningException($"MaximumUpdateNorm must be greater than 0, was {norm}.");
    }

    private static void Same<T>(string what, T then, T now)
        where T : IEquatable<T>
    {
        if (!then.Equals(now))
            throw Differs(what, then, now);
    }

    private static FineTuningException Differs(string what, object? then, object? now) =>
        new($"The {what} was {then ?? "none"} where the checkpoint was written and is {now ?? "none"} now: going on would not be the same training.");

    private static void AtLeast(int least, int value, string name)
    {
        if (value < least)
            throw new FineTuningException($"{name} must be at least {least}, was {value}.");
    }
}
