using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Joining, which also says how long each part was, and splitting by that.</summary>
internal static class Splitting
{
    public static readonly OfficialOperator[] All =
    [
        new("ConcatTraining", static node =>
        {
            long axis = node.Integer("axis", 0);
            SymbolicTensor[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Input)];
            int place = (int)(axis < 0 ? axis + parts[0].Rank : axis);
            return
            [
                node.Graph.Node("Concat", parts, node.OutputType(0), ("axis", axis)),
                node.HasOutput(1) ? SymbolicTensor.Concat(0, [.. parts.Select(part => part.ExtentOf(place))]) : null,
            ];
        })
        {
            StandIn = static standIn =>
            {
                standIn.Operator("Concat", standIn.Node.Input.Count, 1);
                standIn.Typed(1, TensorType.Of(ElementType.Int64, standIn.Node.Input.Count));
            },
        },
        new("SplitTraining", static node =>
        [
            .. node.Graph.Nodes(
                "Split", [node.Input(0), node.Input(1)], [.. Enumerable.Range(0, node.OutputCount).Select(node.OutputType)],
                ("axis", node.Integer("axis", 0))),
        ]),
    ];
}
