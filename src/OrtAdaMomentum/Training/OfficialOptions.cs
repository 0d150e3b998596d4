using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <summary>Options that follow official artifacts.</summary>
public static class OfficialOptions
{
    /// <summary>These options with the optimizer of an official optimizer model; the learning rate stays.</summary>
    /// <param name="options">The options.</param>
    /// <param name="optimizer">What the model does; null changes nothing.</param>
    public static FineTuningOptions StepAs(this FineTuningOptions options, OfficialOptimizerSettings? optimizer)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (optimizer is null)
            return options;
        return options with
        {
            Optimizer = optimizer.Name,
            AdaMomentum = null,
            AdamW = optimizer.AdamW,
            Sgd = optimizer.AdamW is null ? new SgdOptions() : null,
            WeightDecay = optimizer.AdamW?.WeightDecay ?? 0,
            OptimizerSettings = optimizer.MaximumGradientNorm is { } norm
                ? options.OptimizerSettings with { Clipping = GradientClipping.GlobalNorm(norm) }
                : options.OptimizerSettings,
        };
    }
}
