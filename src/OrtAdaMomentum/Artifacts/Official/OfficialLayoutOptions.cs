using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What artifacts for the official runtime hold beside the loss and its gradients.</summary>
public sealed record OfficialLayoutOptions
{
    /// <summary>Put before the name of every file. Default: nothing.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>
    /// The optimizer of <c>optimizer_model.onnx</c>. The official C# API asks for that file even where the host steps by itself. Default: AdamW.
    /// </summary>
    public OfficialOptimizer Optimizer { get; init; } = OfficialOptimizer.AdamW;

    /// <summary>
    /// How AdamW steps. The learning rate is not part of the file: the runtime begins with 0.001. Default: that of PyTorch without weight decay.
    /// </summary>
    public AdamWOptions AdamW { get; init; } = new() { WeightDecay = 0 };

    /// <summary>Largest norm of all gradients together, to which the optimizer shortens longer ones; null shortens none.</summary>
    public double? MaximumGradientNorm { get; init; }

    /// <summary>
    /// Whether the training model also gives the gradients of the step, as <c>grad::NAME</c> for every trainable parameter, so that a host can
    /// step an optimizer of its own. Default: no.
    /// </summary>
    public bool RawGradients { get; init; }

    /// <summary>Outputs of the model that the training model gives beside the loss, by name. Default: none.</summary>
    public IReadOnlyList<string> TrainingOutputs { get; init; } = [];

    /// <summary>Whether a checkpoint without values is written too, which a device fills from a buffer. Default: no.</summary>
    public bool NominalCheckpoint { get; init; }

    /// <summary>Whether gradients use that runtime's own operators. Default: no.</summary>
    public OfficialKernelUse Kernels { get; init; } = OfficialKernelUse.Off;

    internal void Validate()
    {
        AdamW.Validate();
        if (MaximumGradientNorm is { } norm && (!double.IsFinite(norm) || norm <= 0))
            throw new FineTuningException($"The largest norm of the gradients must be above 0, was {norm}.");
        if (Prefix.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || Prefix.Contains('\\', StringComparison.Ordinal))
            throw new FineTuningException($"The prefix '{Prefix}' cannot be part of a file name.");
        if (TrainingOutputs.FirstOrDefault(name => TrainingOutputs.Count(other => other == name) > 1) is { } twice)
            throw new FineTuningException($"The output '{twice}' is asked for twice.");
    }
}
