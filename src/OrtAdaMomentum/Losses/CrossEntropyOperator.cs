using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Losses;

/// <summary>Cross entropy over class indices as the one operator that the standard has for it.</summary>
internal static class CrossEntropyOperator
{
    /// <summary>Writes the loss; null, and nothing, where the operator computes another one.</summary>
    public static SymbolicTensor? Write(LossContext context, CrossEntropyLoss loss, int axis)
    {
        var (graph, scores) = (context.Graph, context.Prediction);
        bool isLast = axis == scores.Rank - 1;
        // Its classes are the second axis. Behind a last one of classes all others are one batch.
        if (loss.LabelSmoothing != 0 || scores.ElementType != ElementType.Float || (axis != 1 && !isLast) || scores.Rank < 2)
            return null;
        var labels = context.Target(new TensorType(ElementType.Int64, [.. scores.Shape.Where((_, place) => place != axis)]));
        if (axis != 1)
            (scores, labels) = (scores.Reshape(-1, scores.Extent(axis)), labels.Reshape(-1));
        var weights = loss.ClassWeights is { } given
            ? graph.Numbers([.. given.Select(static weight => (double)weight)], scores.ElementType, given.Count)
            : null;
        (string, AttributeValue)[] attributes = loss.IgnoreIndex is { } ignored ? [("reduction", "mean"), ("ignore_index", ignored)] : [("reduction", "mean")];
        return graph.Node("SoftmaxCrossEntropyLoss", weights is null ? [scores, labels] : [scores, labels, weights], TensorType.Of(scores.ElementType), attributes);
    }
}
