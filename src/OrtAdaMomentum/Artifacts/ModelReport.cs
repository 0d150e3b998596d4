using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Whether gradients pass through an operator.</summary>
public enum GradientSupport
{
    /// <summary>There is a rule.</summary>
    Rule,

    /// <summary>The operator is not differentiable; no gradient passes, and none is missed.</summary>
    NonDifferentiable,

    /// <summary>The operator computes in integers: no gradient passes, so that only parameters after it can train.</summary>
    Integers,

    /// <summary>There is no rule.</summary>
    Missing,
}

/// <summary>An operator of a model.</summary>
/// <param name="Name">Its name, with the domain before it where it is not of the ONNX standard.</param>
/// <param name="Count">How many nodes use it.</param>
/// <param name="Support">Whether gradients pass through it.</param>
public sealed record OperatorReport(string Name, int Count, GradientSupport Support);

/// <summary>What generating artifacts from a model would do.</summary>
public sealed record ModelReport
{
    /// <summary>Where the model came from.</summary>
    public required string Source { get; init; }

    /// <summary>Opset of the model as it was given.</summary>
    public required long Opset { get; init; }

    /// <summary>What is fed.</summary>
    public required IReadOnlyList<TensorInfo> Inputs { get; init; }

    /// <summary>What comes out.</summary>
    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>Every parameter and whether it would train.</summary>
    public required IReadOnlyList<ParameterInfo> Parameters { get; init; }

    /// <summary>The operators, most frequent first.</summary>
    public required IReadOnlyList<OperatorReport> Operators { get; init; }

    /// <summary>Nodes that stop training as selected; empty when artifacts can be generated.</summary>
    public required IReadOnlyList<UnsupportedNode> Unsupported { get; init; }

    /// <summary>Why artifacts cannot be generated for another reason than operators (the loss does not fit the output, say); null when they can.</summary>
    public string? Problem { get; init; }

    /// <summary>The activation that ends the output which the loss is attached to.</summary>
    public FinalActivation FinalActivation { get; init; }

    /// <summary>What a user may want to know of how the model was taken.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Elements of the parameters that would train.</summary>
    public long TrainableElements => Parameters.Where(static parameter => parameter.Trainable).Sum(static parameter => parameter.ElementCount);

    /// <summary>Elements of the parameters that would stay as they are.</summary>
    public long FrozenElements => Parameters.Where(static parameter => !parameter.Trainable).Sum(static parameter => parameter.ElementCount);

    /// <summary>Bytes of values that the forward pass makes for one sample, all kept; values of unknown size are not counted.</summary>
    public required long ActivationBytesPerSample { get; init; }

    /// <summary>Whether artifacts can be generated.</summary>
    public bool CanTrain => Problem is null && Unsupported.Count == 0 && TrainableElements > 0;

    /// <summary>
    /// Bytes that training takes beside the runtime itself: parameters, gradients and two moments of each trainable element, the frozen
    /// parameters, and the forward pass's values twice (kept for the backward pass, and their gradients).
    /// </summary>
    /// <param name="batchSize">Samples of a batch.</param>
    public long EstimateTrainingBytes(int batchSize) =>
        checked((TrainableElements * 4 * sizeof(float)) + (FrozenElements * sizeof(float)) + (2 * ActivationBytesPerSample * batchSize));
}
