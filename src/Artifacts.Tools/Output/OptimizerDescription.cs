using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>Says how official artifacts are stepped, which is not on the command line.</summary>
internal static class OptimizerDescription
{
    /// <param name="official">The artifacts.</param>
    /// <param name="session">A session over them, before its first step.</param>
    /// <param name="options">Its options.</param>
    /// <param name="isChosen">Whether the optimizer was chosen on the command line.</param>
    public static string Describe(OfficialArtifacts official, FineTuningSession session, FineTuningOptions options, bool isChosen)
    {
        string how = (isChosen, official.Optimizer) switch
        {
            (_, null) => $"The artifacts have no optimizer model: steps with {session.Optimizer.Name}.",
            (true, { } declared) => $"Steps with {session.Optimizer.Name} and the options given here, not as the optimizer model declares ({declared.Name}).",
            _ => $"Steps as the optimizer model declares: {Settings(options)}.",
        };
        string state = official.Checkpoint.OptimizerGroups switch
        {
            [] => "The checkpoint holds no state of an optimizer, so it begins anew.",
            [var group, ..] when session.Optimizer.StepCount == group.Step && group.Step > 0 => $"Goes on from the state in the checkpoint, at step {Units.Count(group.Step)}.",
            _ => "The state of the optimizer in the checkpoint is not used.",
        };
        return $"{how} {state}";
    }

    private static string Settings(FineTuningOptions options)
    {
        string step = options.AdamW is { } adamW
            ? $"AdamW{(adamW.Form == AdamWForm.HuggingFace ? " in the form of Hugging Face" : "")}, betas {Units.Number(adamW.Beta1)} and {Units.Number(adamW.Beta2)}, "
                + $"epsilon {Units.Number(adamW.Epsilon)}{(adamW.CorrectsBias ? "" : ", bias not corrected")}"
            : "SGD without momentum";
        double norm = options.OptimizerSettings.Clipping.MaximumNorm;
        string clipping = double.IsFinite(norm) ? $", gradients clipped to a norm of {Units.Number(norm)}" : "";
        return $"{step}, weight decay {Units.Number(options.WeightDecay)}{clipping}, learning rate {Units.Number(options.LearningRate)}";
    }
}
