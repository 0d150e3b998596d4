using OrtAdaMomentum.Losses;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>The options that a run's result depends on, as text: a run goes on only with the same.</summary>
internal static class RunSettingsText
{
    /// <summary>Everything that the trained weights depend on beside the parent, the samples and the seed.</summary>
    public static string Of(FineTuningServiceOptions options, SampleSnapshot samples, ModelData data) => string.Join(
        ';',
        Invariant($"loss={options.Loss}{(options.CreateLoss() is CtcLoss ctc ? Invariant($",{ctc.Blank},{ctc.TimeFirst}") : "")}"),
        Invariant($"trainable={string.Join(',', options.Trainable)}"),
        Invariant($"optimizer={options.Optimizer}"),
        Invariant($"lr={options.LearningRate:R}"),
        Invariant($"wd={options.WeightDecay:R}"),
        Invariant($"schedule={options.Schedule}"),
        Invariant($"warmup={options.WarmupSteps}"),
        Invariant($"epochs={options.Epochs}"),
        Invariant($"batch={options.BatchSize}"),
        Invariant($"replay={options.ReplayShare:R}"),
        Invariant($"patience={options.EarlyStopping.Patience},{options.EarlyStopping.MinimumImprovement:R},{options.EarlyStopping.ChoosingShare:R}"),
        Invariant($"limits={options.Robustness.MaximumUpdateNorm:R},{options.Robustness.MaximumGradientNorm:R},{options.Robustness.TrimLossQuantile:R}"),
        Invariant($"rehearsal={data.Rehearsal?.Count ?? 0}"),
        Invariant($"samples={samples.Training.Count}{Padding(options)}{(options.Output is { } output ? $";output={output}" : "")}"));

    private static string Padding(FineTuningServiceOptions options) => string.Concat(
        options.Padding.OrderBy(static input => input.Key, StringComparer.Ordinal).Select(static input => Invariant($";padding:{input.Key}={input.Value:R}")));
}
