using Microsoft.Extensions.Configuration;

namespace OrtAdaMomentum.Personalization;

/// <summary>The names that options have in configuration. Binding passes over others in silence, so that a misspelt one would never be missed.</summary>
internal static class OptionNames
{
    private const string Root = "";

    private static readonly Dictionary<string, string[]> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [Root] =
        [
            nameof(FineTuningServiceOptions.ModelPath), nameof(FineTuningServiceOptions.DataDirectory), nameof(FineTuningServiceOptions.Loss),
            nameof(FineTuningServiceOptions.Output), nameof(FineTuningServiceOptions.MaximumExtents), nameof(FineTuningServiceOptions.Padding),
            nameof(FineTuningServiceOptions.Trainable), nameof(FineTuningServiceOptions.Optimizer), nameof(FineTuningServiceOptions.LearningRate),
            nameof(FineTuningServiceOptions.WeightDecay), nameof(FineTuningServiceOptions.Schedule), nameof(FineTuningServiceOptions.WarmupSteps),
            nameof(FineTuningServiceOptions.Epochs), nameof(FineTuningServiceOptions.BatchSize), nameof(FineTuningServiceOptions.Seed),
            nameof(FineTuningServiceOptions.MinimumSamples), nameof(FineTuningServiceOptions.MaximumSamples),
            nameof(FineTuningServiceOptions.MaximumSampleBytes), nameof(FineTuningServiceOptions.MaximumSampleAge),
            nameof(FineTuningServiceOptions.UnlabelledShare), nameof(FineTuningServiceOptions.Retention), nameof(FineTuningServiceOptions.Compression),
            nameof(FineTuningServiceOptions.ValidationShare), nameof(FineTuningServiceOptions.ReplayShare),
            nameof(FineTuningServiceOptions.QueueCapacity), nameof(FineTuningServiceOptions.QueueCapacityBytes),
            nameof(FineTuningServiceOptions.KeepVersions),
            nameof(FineTuningServiceOptions.CheckpointEverySteps), nameof(FineTuningServiceOptions.Threads),
            nameof(FineTuningServiceOptions.TriggerInterval),
        ],
        [nameof(FineTuningServiceOptions.Ctc)] = [nameof(CtcOptions.Blank), nameof(CtcOptions.TimeFirst)],
        [nameof(FineTuningServiceOptions.Encryption)] = [nameof(EncryptionOptions.Source), nameof(EncryptionOptions.Path), nameof(EncryptionOptions.Name)],
        [nameof(FineTuningServiceOptions.Replay)] = [nameof(ReplayOptions.MaximumOld), nameof(ReplayOptions.Strategy)],
        [nameof(FineTuningServiceOptions.Conditions)] =
        [
            nameof(TrainingConditionOptions.Window), nameof(TrainingConditionOptions.TimeZone), nameof(TrainingConditionOptions.MinimumIdle),
            nameof(TrainingConditionOptions.OnAcPower), nameof(TrainingConditionOptions.MinimumBatteryPercent),
            nameof(TrainingConditionOptions.MaximumTemperature), nameof(TrainingConditionOptions.MaximumCpuPressure),
            nameof(TrainingConditionOptions.MaximumMemoryPressure), nameof(TrainingConditionOptions.MaximumIoPressure),
            nameof(TrainingConditionOptions.MaximumBusyShare), nameof(TrainingConditionOptions.MinimumFreeMemory),
            nameof(TrainingConditionOptions.MinimumInterval), nameof(TrainingConditionOptions.UnknownBlocks),
            nameof(TrainingConditionOptions.CheckInterval), nameof(TrainingConditionOptions.CheckTimeout),
            nameof(TrainingConditionOptions.ResumeAfter), nameof(TrainingConditionOptions.ReleaseAfter),
        ],
        [nameof(FineTuningServiceOptions.EarlyStopping)] =
            [nameof(EarlyStoppingOptions.Patience), nameof(EarlyStoppingOptions.MinimumImprovement), nameof(EarlyStoppingOptions.ChoosingShare)],
        [nameof(FineTuningServiceOptions.Robustness)] =
            [nameof(RobustnessOptions.MaximumUpdateNorm), nameof(RobustnessOptions.MaximumGradientNorm), nameof(RobustnessOptions.TrimLossQuantile)],
        [nameof(FineTuningServiceOptions.Failure)] =
            [nameof(FailureOptions.FirstDelay), nameof(FailureOptions.MaximumDelay), nameof(FailureOptions.Factor), nameof(FailureOptions.MaximumAttempts)],
        [nameof(FineTuningServiceOptions.Budget)] =
            [nameof(TrainingBudgetOptions.CpuShare), nameof(TrainingBudgetOptions.MaximumMemory), nameof(TrainingBudgetOptions.LowPriority)],
        [nameof(FineTuningServiceOptions.Gate)] =
        [
            nameof(GateOptions.Metric), nameof(GateOptions.MinimumGain), nameof(GateOptions.Confidence), nameof(GateOptions.Resamples),
            nameof(GateOptions.MinimumHeldOut), nameof(GateOptions.MaximumLossOnOld), nameof(GateOptions.MaximumLossPerClass),
            nameof(GateOptions.MinimumPerClass),
        ],
        [nameof(FineTuningServiceOptions.Watch)] =
        [
            nameof(WatchOptions.Period), nameof(WatchOptions.MinimumFeedback), nameof(WatchOptions.Window), nameof(WatchOptions.MaximumFall),
            nameof(WatchOptions.Confidence), nameof(WatchOptions.ScoreSamples),
        ],
        [nameof(FineTuningServiceOptions.Drift)] =
            [nameof(DriftOptions.ReferenceCount), nameof(DriftOptions.WindowCount), nameof(DriftOptions.Threshold)],
    };

    /// <summary>All options, as in <c>Epochs</c> and <c>Gate:Metric</c>.</summary>
    public static IEnumerable<string> All =>
        Known.SelectMany(static group => group.Value, static (group, name) => group.Key == Root ? name : $"{group.Key}:{name}");

    /// <summary>The paths in a section that have a value and name no option.</summary>
    public static IReadOnlyList<string> UnknownIn(IConfigurationSection section) =>
    [
        .. from entry in section.GetChildren()
           from unknown in Known.TryGetValue(entry.Key, out string[]? names) && entry.Key != Root
               ? entry.GetChildren().Where(inner => !names.Contains(inner.Key, StringComparer.OrdinalIgnoreCase))
               : Known[Root].Contains(entry.Key, StringComparer.OrdinalIgnoreCase) ? [] : [entry]
           where unknown.Value is not null || unknown.GetChildren().Any()
           select unknown.Path,
    ];
}
