using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Gradients of pooling. Neither gets the input, nor its shape: that of the maximum is found through the places that it takes, that of the
/// mean by the node's name, or by the declared shape.
/// </summary>
internal static class Pooling
{
    public static readonly OfficialOperator[] All =
    [
        new("MaxPoolGrad", static node => [node.Differentiate(node.ForwardOf(1, "MaxPool"), [0], node.Input(0))[0]])
        {
            Domain = string.Empty,
            StandIn = static standIn => standIn.Like(0, standIn.Graph.Producer(standIn.Input(1)) is { OpType: "MaxPool" } forward ? forward.Input[0] : null),
        },
        new("AveragePoolGrad", static node =>
        {
            var x = Averaged(node);
            var y = node.Compute("AveragePool", [x], like: 0);
            return [node.Differentiate(node.Forward("AveragePool", [x], y), [0], node.Input(0))[0]];
        })
        {
            Domain = string.Empty,
            StandIn = static standIn =>
            {
                if (standIn.Graph.Forward(standIn.Node) is { OpType: "AveragePool" } forward)
                    standIn.Like(0, forward.Input[0]);
                else if (standIn.Graph.Declared(standIn.Node.Output[0]) is { } type)
                    standIn.Typed(0, type);
            },
        },
    ];

    private static SymbolicTensor Averaged(OfficialNode node)
    {
        if (node.Index.Forward(node.Proto) is { OpType: "AveragePool" } forward)
            return node.Graph.Value(forward.Input[0]);
        // Of the input no more than the shape is needed.
        return node.OutputType(0).StaticShape is { } shape
            ? node.Graph.Node(
                "ConstantOfShape", [node.Graph.Integers(shape)], node.OutputType(0), ("value", AttributeValue.TensorOf(0, node.Input(0).ElementType)))
            : throw new FineTuningException("the shape of its output is not declared, and its name is not that of an AveragePool node");
    }
}
