using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Artifacts;

/// <summary>How training artifacts are made from a model.</summary>
public sealed record ArtifactOptions
{
    /// <summary>What training makes small. Default: softmax cross-entropy on class indices.</summary>
    public Loss Loss { get; init; } = new CrossEntropyLoss();

    /// <summary>Which parameters train. Default: all.</summary>
    public TrainableSelection Trainable { get; init; } = TrainableSelection.All;

    /// <summary>Which statistics BatchNormalization uses in training. Default: the stored ones.</summary>
    public BatchNormalizationMode BatchNormalization { get; init; } = BatchNormalizationMode.Frozen;

    /// <summary>The graph output that the loss is attached to; null takes the first.</summary>
    public string? Output { get; init; }

    /// <summary>Name of the graph input that takes the target. Default: <c>labels</c>.</summary>
    public string TargetName { get; init; } = "labels";

    /// <summary>Graph inputs fixed to a constant, by name; the value is written as the input's type wants it, for example <c>16000</c> or <c>0.5,1</c>.</summary>
    public IReadOnlyDictionary<string, string> Fix { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a batch axis that was exported as 1 is made free. Default: yes.</summary>
    public bool FreeBatch { get; init; } = true;

    /// <summary>
    /// Whether the backward pass computes cheap values of the forward pass once more instead of keeping them. Takes less memory and more time; the
    /// gradients are the same to the last bit as far as the runtime computes the same operators the same way. Default: no.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The step that <c>optimizer_model.onnx</c> computes.</summary>
    public AdaMomentumOptions Optimizer { get; init; } = new();

    /// <summary>How the graphs are wrapped for a runtime. Default: for the stock one.</summary>
    public ArtifactLayout Layout { get; init; } = ArtifactLayout.Stock;

    /// <summary>What the official layout holds; no other layout looks at it.</summary>
    public OfficialLayoutOptions Official { get; init; } = new();

    /// <summary>The gradient rules.</summary>
    public GradientRegistry Gradients { get; init; } = GradientRegistry.Default;

    internal void Validate()
    {
        Loss.Validate();
        Optimizer.Validate();
        if (Layout == ArtifactLayout.Official)
            Official.Validate();
        if (string.IsNullOrWhiteSpace(TargetName))
            throw new FineTuningException("The name of the target must not be empty.");
    }
}
