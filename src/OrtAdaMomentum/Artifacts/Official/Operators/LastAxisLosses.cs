using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Cross entropy whose classes are along the last axis, of probabilities or of class indices with, it may be, a weight for every index; and the gradients,
/// of <c>(dY, log_prob, label, weight)</c>. Both give the loss and the logarithms of the probabilities.
/// </summary>
internal static class LastAxisLosses
{
    public static readonly OfficialOperator[] All =
    [
        Loss("SoftmaxCrossEntropy", OnnxDomains.Microsoft, OfProbabilities),
        Loss("SparseSoftmaxCrossEntropy", string.Empty, OfIndices),
        new OfficialOperator("SoftmaxCrossEntropyGrad", static node =>
        {
            var logs = node.Input(1);
            return [(logs.Exp() - node.Input(2)) * Share(node, node.Input(0), Rows(logs))];
        }).Like(1),
        new OfficialOperator("SparseSoftmaxCrossEntropyGrad", static node =>
        {
            var (logs, labels) = (node.Input(1), node.Input(2).Cast(ElementType.Int64));
            var isLabel = labels.Unsqueeze(logs.Rank - 1).IsEqualTo(logs.PlacesAlong(logs.Rank - 1)).Cast(logs.ElementType);
            var weights = node.HasInput(3) ? node.Input(3) : null;
            var share = Share(node, node.Input(0), weights?.SumAll() ?? Rows(logs));
            return [((logs.Exp() - isLabel) * (weights is null ? share : weights.Unsqueeze(logs.Rank - 1) * share)).WithType(logs.Type)];
        }) { Domain = string.Empty }.Like(1),
    ];

    private static OfficialOperator Loss(string name, string domain, Func<OfficialNode, SymbolicTensor, SymbolicTensor> rewrite) => new(name, node =>
    {
        var logs = node.Graph.Node("LogSoftmax", [node.Input(0)], node.Input(0).Type, ("axis", -1L));
        return [rewrite(node, logs), logs];
    })
    {
        Domain = domain,
        StandIn = static standIn =>
        {
            standIn.Typed(0, TensorType.Of(ElementType.Float));
            standIn.Like(1, standIn.Input(0));
        },
    };

    private static SymbolicTensor OfProbabilities(OfficialNode node, SymbolicTensor logs) => Share(node, -(logs * node.Input(1)).SumAll(), Rows(logs));

    private static SymbolicTensor OfIndices(OfficialNode node, SymbolicTensor logs)
    {
        var labels = node.Input(1).Cast(ElementType.Int64).Unsqueeze(logs.Rank - 1);
        var picked = node.Graph.Node("GatherElements", [logs, labels], new TensorType(logs.ElementType, labels.Type.Shape), ("axis", -1L)).Squeeze(-1);
        return node.HasInput(2)
            ? Share(node, -(picked * node.Input(2)).SumAll(), node.Input(2).SumAll())
            : Share(node, -picked.SumAll(), Rows(logs));
    }

    private static SymbolicTensor Share(OfficialNode node, SymbolicTensor sum, SymbolicTensor count) => node.Text("reduction", "mean") == "mean" ? sum / count : sum;

    private static SymbolicTensor Rows(SymbolicTensor logs) => logs.SizeOf() / logs.ExtentOf(logs.Rank - 1).Squeeze(0).Cast(logs.ElementType);
}
