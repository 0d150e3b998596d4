using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Cross entropy over class indices, as ONNX has it, and its gradients, of <c>(dY, log_prob, label, weight)</c>.</summary>
internal static class ClassLosses
{
    private const string Forward = "SoftmaxCrossEntropyLoss";

    public static readonly OfficialOperator[] All =
    [
        new OfficialOperator("SoftmaxCrossEntropyLossGrad", static node => [Gradient(node)]).Like(1),
        new OfficialOperator("SoftmaxCrossEntropyLossInternalGrad", static node => [Gradient(node)]).Like(1),
        new OfficialOperator("SoftmaxCrossEntropyLossInternal", Internal) { StandIn = InternalStandIn },
    ];

    private static SymbolicTensor Gradient(OfficialNode node)
    {
        var (g, logs) = (node.Input(0), node.Input(1));
        var forward = node.Forward(Forward, [logs, node.Input(2), node.HasInput(3) ? node.Input(3) : null], g, logs);
        IgnoreIndex(node, 4, forward);
        var gradient = node.Differentiate(forward, [0], g)[0]!;
        // A gradient that the generator has folded in.
        return node.HasInput(5) ? gradient + node.Input(5) : gradient;
    }

    private static SymbolicTensor?[] Internal(OfficialNode node)
    {
        var scores = node.Input(0);
        SymbolicTensor?[] inputs = [scores, node.Input(1), node.HasInput(2) ? node.Input(2) : null];
        var forward = node.Forward(Forward, inputs);
        forward.RemoveAttribute("output_type");
        IgnoreIndex(node, 3, forward);
        forward.Name = node.Graph.NewValue(Forward, node.Proto.Output[0]);
        forward.Output.AddRange([node.Graph.NewValue("Loss", node.Proto.Output[0]), node.Graph.NewValue("LogProbabilities", node.Name(0))]);
        node.Graph.Append(forward);
        return [node.Graph.Value(forward.Output[0]), node.Graph.Value(forward.Output[1])];
    }

    private static void InternalStandIn(StandIn standIn)
    {
        standIn.Operator(Forward, inputs: 3, outputs: 2);
        standIn.Nodes[^1].RemoveAttribute("output_type");
    }

    /// <summary>The class to ignore is an input here and an attribute there.</summary>
    private static void IgnoreIndex(OfficialNode node, int input, NodeProto forward)
    {
        if (!node.HasInput(input))
            return;
        if (node.ConstantIntegers(input) is not [var index])
            throw new FineTuningException("the class to ignore is computed, not a constant");
        forward.With("ignore_index", index);
    }
}
