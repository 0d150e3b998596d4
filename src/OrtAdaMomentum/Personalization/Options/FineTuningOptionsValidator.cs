using Microsoft.Extensions.Options;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Optimizers;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>Checks all options and reports everything that is wrong at once.</summary>
internal sealed class FineTuningOptionsValidator : IValidateOptions<FineTuningServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, FineTuningServiceOptions options)
    {
        var problems = new List<string>();
        CheckPaths(problems, options);
        CheckNames(problems, options);
        CheckNumbers(problems, options);
        CtcOptions.Check(problems, options.Ctc);
        TrainingConditionOptions.Check(problems, options.Conditions);
        TrainingBudgetOptions.Check(problems, options.Budget);
        ReplayOptions.Check(problems, options.Replay);
        EncryptionOptions.Check(problems, options.Encryption);
        DriftOptions.Check(problems, options.Drift);
        EarlyStoppingOptions.Check(problems, options.EarlyStopping);
        RobustnessOptions.Check(problems, options.Robustness);
        FailureOptions.Check(problems, options.Failure);
        WatchOptions.Check(problems, options.Watch);
        if (options.Gate is { } gate)
            GateOptions.Check(problems, gate, options.Loss);
        else
            problems.Add("Gate must be given.");
        if (problems.Count == 0)
            return ValidateOptionsResult.Success;
        // A host may have several models, and says no more than these messages.
        return ValidateOptionsResult.Fail(name is null or FineTuningModel.DefaultName ? problems : problems.Select(problem => $"Model '{name}': {problem}"));
    }

    private static void CheckPaths(List<string> problems, FineTuningServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ModelPath))
            problems.Add("ModelPath must be given.");
        else if (!File.Exists(options.ModelPath) && !HasVersions(options.DataDirectory))
            problems.Add($"ModelPath must be an existing file, was '{options.ModelPath}', which is {Path.GetFullPath(options.ModelPath)}.");
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
            problems.Add("DataDirectory must be given.");
        else if (File.Exists(options.DataDirectory))
            problems.Add($"DataDirectory must be a folder, was the file '{options.DataDirectory}'.");
    }

    /// <summary>Whether a version could be served even though the model's file is gone.</summary>
    private static bool HasVersions(string directory) =>
        !string.IsNullOrWhiteSpace(directory) && Directory.Exists(Path.Combine(directory, "registry", "versions"));

    private static void CheckNames(List<string> problems, FineTuningServiceOptions options)
    {
        OneOf(problems, nameof(options.Loss), options.Loss, LossRegistry.Names);
        OneOf(problems, nameof(options.Optimizer), options.Optimizer, OptimizerFactory.Names);
        if (options.Output is { } output && string.IsNullOrWhiteSpace(output))
            problems.Add("Output must be the name of an output of the model, or left out for the first, was ''.");
        OneOf(problems, nameof(options.Schedule), options.Schedule, LearningRateSchedules.Names);
        for (int index = 0; index < options.Trainable.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(options.Trainable[index]?.TrimStart('!')))
                problems.Add($"Trainable[{index}] must be a pattern, was '{options.Trainable[index]}'.");
        }
    }

    private static void CheckNumbers(List<string> problems, FineTuningServiceOptions options)
    {
        if (!(double.IsFinite(options.LearningRate) && options.LearningRate > 0))
            problems.Add(Invariant($"LearningRate must be greater than 0, was {options.LearningRate}."));
        AtLeast(problems, nameof(options.WeightDecay), options.WeightDecay, 0);
        AtLeast(problems, nameof(options.WarmupSteps), options.WarmupSteps, 0);
        AtLeast(problems, nameof(options.Epochs), options.Epochs, 1);
        AtLeast(problems, nameof(options.BatchSize), options.BatchSize, 1);
        AtLeast(problems, nameof(options.MinimumSamples), options.MinimumSamples, 1);
        AtLeast(problems, nameof(options.MaximumSamples), options.MaximumSamples, Math.Max(1, options.MinimumSamples));
        AtLeast(problems, nameof(options.MaximumSampleBytes), options.MaximumSampleBytes, 1);
        if (options.MaximumSampleAge is { } age && age < TimeSpan.FromMinutes(1))
            problems.Add($"MaximumSampleAge must be at least 1 minute, was {age}.");
        if (options.UnlabelledShare is not (>= 0 and <= 1))
            problems.Add(Invariant($"UnlabelledShare must be at least 0 and at most 1, was {options.UnlabelledShare}."));
        if (!Enum.IsDefined(options.Retention))
            problems.Add($"Retention must be one of {string.Join(", ", Enum.GetNames<RetentionStrategy>())}, was {(int)options.Retention}.");
        if (!Enum.IsDefined(options.Compression))
            problems.Add($"Compression must be one of {string.Join(", ", Enum.GetNames<SampleCompression>())}, was {(int)options.Compression}.");
        AtLeast(problems, nameof(options.QueueCapacity), options.QueueCapacity, 1);
        AtLeast(problems, nameof(options.QueueCapacityBytes), options.QueueCapacityBytes, 1);
        AtLeast(problems, nameof(options.KeepVersions), options.KeepVersions, 2);
        AtLeast(problems, nameof(options.CheckpointEverySteps), options.CheckpointEverySteps, 0);
        AtLeast(problems, nameof(options.Threads), options.Threads, 0);
        foreach (var (axis, extent) in options.MaximumExtents)
            AtLeast(problems, $"{nameof(options.MaximumExtents)}:{axis}", extent, 1);
        foreach (var (input, value) in options.Padding)
        {
            if (!double.IsFinite(value))
                problems.Add(Invariant($"{nameof(options.Padding)}:{input} must be a number, was {value}."));
        }

        if (options.ValidationShare is not (> 0 and < 1))
            problems.Add(Invariant($"ValidationShare must be greater than 0 and less than 1, was {options.ValidationShare}."));
        if (options.ReplayShare is not (>= 0 and < 1))
            problems.Add(Invariant($"ReplayShare must be at least 0 and less than 1, was {options.ReplayShare}."));
        if (options.TriggerInterval < TimeSpan.FromSeconds(1) || options.TriggerInterval > TimeSpan.FromDays(1))
            problems.Add($"TriggerInterval must be at least 1 second and at most 1 day, was {options.TriggerInterval}.");
    }

    private static void OneOf(List<string> problems, string name, string? value, IReadOnlyList<string> known)
    {
        if (value is null || !known.Contains(value))
            problems.Add($"{name} must be one of {string.Join(", ", known)}, was '{value}'.");
    }

    private static void AtLeast(List<string> problems, string name, double value, double least)
    {
        if (!(double.IsFinite(value) && value >= least))
            problems.Add(Invariant($"{name} must be at least {least}, was {value}."));
    }
}
