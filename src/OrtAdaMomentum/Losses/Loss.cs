using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Losses;

/// <summary>The activation that ends an inference export, which a loss takes off to be computed in its stable form.</summary>
public enum FinalActivation
{
    /// <summary>None of the known ones.</summary>
    None,

    /// <summary>Softmax: the output is probabilities.</summary>
    Softmax,

    /// <summary>LogSoftmax: the output is logarithms of probabilities.</summary>
    LogSoftmax,

    /// <summary>Sigmoid: the output is one probability per element.</summary>
    Sigmoid,
}

/// <summary>What a loss is attached to.</summary>
/// <param name="Graph">Where nodes are written.</param>
/// <param name="Prediction">The model's output, before its final activation where that is one of <see cref="Loss.StableUnder"/>.</param>
/// <param name="Removed">The activation that was taken off; <see cref="FinalActivation.None"/> when the prediction is the output itself.</param>
/// <param name="Axis">Axis of the removed Softmax or LogSoftmax, counted from the end (-1 is the last); -1 where there was none.</param>
/// <param name="Target">Declares the graph input that takes the target, of the given type.</param>
public sealed record LossContext(
    GraphBuilder Graph, SymbolicTensor Prediction, FinalActivation Removed, int Axis, Func<TensorType, SymbolicTensor> Target)
{
    /// <summary>
    /// The gradient of the loss with respect to <see cref="Prediction"/>, in its type, set by a loss that knows it in closed form; the nodes of
    /// the loss are not differentiated then. Null, the default, has it follow from the operators' rules.
    /// </summary>
    public SymbolicTensor? Gradient { get; set; }

    /// <summary>Whether the runtime has a gradient for the standard's own loss operator, so that this is better than what makes it up.</summary>
    internal bool WritesLossOperator { get; init; }
}

/// <summary>A loss: what training makes small. Written with ordinary operators; its gradient follows from the operators' rules, or is given.</summary>
public abstract record Loss
{
    /// <summary>Name in options, manifests and on the command line, for example <c>cross-entropy</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Final activations that this loss contains in a stable form, and which are taken off before it is attached.</summary>
    public virtual IReadOnlyList<FinalActivation> StableUnder => [];

    /// <summary>How the target of a batch is described and checked.</summary>
    public abstract TargetKind TargetKind { get; }

    /// <summary>Writes the loss, a scalar: the mean over the batch.</summary>
    public abstract SymbolicTensor Attach(LossContext context);

    /// <summary>Checks the options before anything is generated.</summary>
    /// <exception cref="FineTuningException">An option is out of its range.</exception>
    public virtual void Validate()
    {
    }
}

/// <summary>What a target holds.</summary>
public enum TargetKind
{
    /// <summary>One class index (int64) per sample, or per position of the prediction without its class axis.</summary>
    ClassIndex,

    /// <summary>One weight per class that sum to one: one-hot or soft labels, in the prediction's shape.</summary>
    ClassProbabilities,

    /// <summary>A number between 0 and 1 per element of the prediction.</summary>
    Probability,

    /// <summary>Any finite number per element of the prediction.</summary>
    Value,

    /// <summary>A list of class indices (int64) per sample, filled up with negative numbers to the longest in the batch.</summary>
    ClassSequence,
}
