using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.ClassLosses;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Losses;

/// <summary>
/// Softmax cross-entropy: the mean of <c>-Σ_c w_c t_c log softmax(z)_c</c>. With class indices the mean is weighted by the class weights of
/// the labels, and ignored positions do not count (the definition of PyTorch's <c>CrossEntropyLoss</c> and of ONNX SoftmaxCrossEntropyLoss).
/// </summary>
public sealed record CrossEntropyLoss : Loss
{
    /// <summary>Whether targets are one weight per class (one-hot or soft labels) instead of class indices.</summary>
    public bool SoftLabels { get; init; }

    /// <summary>Share of each label spread evenly over all classes: 0 (none) up to but without 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>One weight per class; null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>A class index that marks positions to leave out; null for none.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary>
    /// Axis of the classes, counted from the end; null takes the axis of the Softmax or LogSoftmax that ends the model, and the last without one.
    /// </summary>
    public int? ClassAxis { get; init; }

    /// <inheritdoc/>
    public override string Name => SoftLabels ? "soft-cross-entropy" : "cross-entropy";

    /// <inheritdoc/>
    public override IReadOnlyList<FinalActivation> StableUnder => [FinalActivation.Softmax, FinalActivation.LogSoftmax];

    /// <inheritdoc/>
    public override TargetKind TargetKind => SoftLabels ? TargetKind.ClassProbabilities : TargetKind.ClassIndex;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (LabelSmoothing is not (>= 0 and < 1))
            throw new FineTuningException($"Label smoothing must be at least 0 and less than 1, was {LabelSmoothing}.");
        if (ClassWeights is { } weights && (weights.Count == 0 || weights.Any(static weight => !float.IsFinite(weight) || weight < 0) || weights.All(static w => w == 0)))
            throw new FineTuningException("Class weights must be finite, not negative, and not all zero.");
        if (SoftLabels && IgnoreIndex is not null)
            throw new FineTuningException("An ignore index applies to class indices only, not to soft labels.");
        if (ClassAxis is >= 0)
            throw new FineTuningException($"The class axis counts from the end (-1 is the last), was {ClassAxis}.");
    }

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var logits = context.Prediction;
        int axis = logits.Rank + (ClassAxis ?? context.Axis);
        if (axis < 0 || axis >= logits.Rank)
            throw new FineTuningException($"The model's output '{logits.Name}' of type {logits.Type} has no class axis {ClassAxis ?? context.Axis}.");
        if (context.Removed != FinalActivation.None && ClassAxis is { } wanted && wanted != context.Axis)
        {
            throw new FineTuningException(
                $"The class axis is {wanted}, but the {context.Removed} that ends the model is over axis {context.Axis}. Leave the class axis out.");
        }

        long classes = logits.Shape[axis].IsStatic
            ? logits.Shape[axis].Extent
            : throw new FineTuningException($"The number of classes (axis {axis} of '{logits.Name}', type {logits.Type}) must be fixed.");
        if (classes < 2)
        {
            throw new FineTuningException(
                $"The output '{logits.Name}' of type {logits.Type} has {classes} class on axis {axis}, of which {Name} is 0 whatever the model says. "
                + "Take mse, l1 or huber where it is a number, and binary-cross-entropy where it is yes or no.");
        }

        if (ClassWeights is { } weights && weights.Count != classes)
            throw new FineTuningException($"There are {weights.Count} class weights, but the model has {classes} classes.");

        if (SoftLabels)
            return OfProbabilities(context, logits, axis, classes);
        return (context.WritesLossOperator ? CrossEntropyOperator.Write(context, this, axis) : null) ?? OfIndices(context, logits, axis, classes);
    }

    private SymbolicTensor OfProbabilities(LossContext context, SymbolicTensor logits, int axis, long classes)
    {
        var logProbabilities = context.Graph.Node("LogSoftmax", [logits], logits.Type, ("axis", (long)axis));
        var target = Smooth(context.Target(logProbabilities.Type), classes);
        var terms = target * logProbabilities;
        if (Weights(context, logProbabilities, axis) is { } weights)
            terms *= weights;
        return -(terms.SumAll() / (logProbabilities.SizeOf() / classes));
    }

    private SymbolicTensor OfIndices(LossContext context, SymbolicTensor logits, int axis, long classes)
    {
        var graph = context.Graph;
        var type = logits.ElementType;
        var indices = context.Target(new TensorType(ElementType.Int64, [.. logits.Shape.Where((_, place) => place != axis)])).Unsqueeze(axis);
        SymbolicTensor? counts = null;
        if (IgnoreIndex is { } ignored)
        {
            var isIgnored = indices.IsEqualTo(indices.Like(ignored));
            counts = graph.Node("Not", [isIgnored], isIgnored.Type).Cast(type);
            indices = isIgnored.Choose(indices.Like(0), indices);
        }

        var labels = new LabelIndices(indices, axis);
        var weights = Weights(context, logits, axis);
        SymbolicTensor? weight = weights is null
            ? null
            : graph.Node("Gather", [weights.Reshape(classes), indices], new TensorType(type, indices.Type.Shape), ("axis", 0L));
        var total = (weight is null ? counts : counts is null ? weight : weight * counts)?.SumAll() ?? labels.CountAs(type);

        // A batch in which every position is ignored, or has a class of weight 0, has loss 0, not 0/0.
        if (counts is not null || ClassWeights?.Contains(0) == true)
            total = total.IsGreaterThan(0).Choose(total, 1);

        // How much a unit of the logarithm at the label, and of the weighted sum of all logarithms, takes off the loss.
        var each = counts is null ? 1 / total : counts / total;
        var ofLabel = (weight is null ? each : each * weight) * (1 - LabelSmoothing);
        var ofAll = LabelSmoothing == 0 ? null : each * (LabelSmoothing / classes);
        var softmax = new LabelledSoftmax(logits, labels, readsAll: ofAll is not null, weights);
        context.Gradient = softmax.Gradient(
            ofAll is null ? ofLabel : ofLabel + ofAll * (ClassWeights?.Sum(static weight => (double)weight) ?? classes), ofLabel, ofAll);
        var terms = softmax.OfLabel * ofLabel;
        return -(ofAll is null ? terms : terms + softmax.OfAll * ofAll).SumAll();
    }

    private SymbolicTensor Smooth(SymbolicTensor target, long classes) =>
        LabelSmoothing == 0 ? target : target * (1 - LabelSmoothing) + LabelSmoothing / classes;

    private SymbolicTensor? Weights(LossContext context, SymbolicTensor logProbabilities, int axis)
    {
        if (ClassWeights is not { } weights)
            return null;
        var shape = new long[logProbabilities.Rank - axis];
        Array.Fill(shape, 1);
        shape[0] = weights.Count;
        return context.Graph.Numbers([.. weights.Select(static weight => (double)weight)], logProbabilities.ElementType, shape);
    }
}
