using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Leaving out the padded tokens of a batch, [batch, length, …] to [tokens, …], and putting zeros back in their places. The indices count over batch and
/// length together.
/// </summary>
internal static class Padding
{
    private static readonly TensorType List = new(ElementType.Int64, [Dimension.Unknown]);

    public static readonly OfficialOperator[] All =
    [
        new("FlattenAndUnpad", Flatten) { StandIn = FlattenStandIn },
        new("PadAndUnflatten", Unflatten) { StandIn = UnflattenStandIn },
        new OfficialOperator("ShrunkenGather", static node =>
            [node.Graph.Node("Gather", [node.Input(0), node.Input(1)], node.OutputType(0), ("axis", node.Integer("axis", 0)))])
        {
            StandIn = static standIn => standIn.Operator("Gather", inputs: 2, outputs: 1),
        },
    ];

    private static SymbolicTensor?[] Flatten(OfficialNode node)
    {
        var (x, indices) = (node.Input(0), node.Input(1));
        var flat = node.Graph.Node(
            "Reshape", [x, SymbolicTensor.Concat(0, node.Graph.Integers(-1), From(x, 2))], new TensorType(x.ElementType, [Dimension.Unknown, .. x.Shape.Skip(2)]));
        return
        [
            node.Graph.Node("Gather", [flat, indices], new TensorType(x.ElementType, [.. indices.Shape, .. x.Shape.Skip(2)])),
            node.Graph.Node("Shape", [x], TensorType.Of(ElementType.Int64, 2), ("end", 2L)),
        ];
    }

    private static SymbolicTensor[] Unflatten(OfficialNode node)
    {
        var (x, indices, extents) = (node.Input(0), node.Input(1), node.Input(2));
        var rest = From(x, 1);
        var places = node.Graph.Node("ReduceProd", [extents], TensorType.Of(ElementType.Int64, 1), ("keepdims", 1L));
        var zeros = node.Graph.Node(
            "ConstantOfShape", [SymbolicTensor.Concat(0, places, rest)], new TensorType(x.ElementType, [Dimension.Unknown, .. x.Shape.Skip(1)]),
            ("value", AttributeValue.TensorOf(0, x.ElementType)));
        var filled = node.Graph.Node("ScatterND", [zeros, indices.Unsqueeze(1), x], zeros.Type);
        return [node.Graph.Node("Reshape", [filled, SymbolicTensor.Concat(0, extents, rest)], node.OutputType(0))];
    }

    /// <summary>The extents of the axes from one on.</summary>
    private static SymbolicTensor From(SymbolicTensor x, int axis) => x.Graph.Node("Shape", [x], List, ("start", (long)axis));

    /// <summary>Picking along the first axis and then, in its place, along the second gives the same rank and the extents that stay.</summary>
    private static void FlattenStandIn(StandIn standIn)
    {
        string first = standIn.Node.Output[0] + "/first", zero = first + "/place";
        standIn.Nodes.Add(new NodeProto { OpType = "Constant", Output = { zero } }.With("value_int", 0L));
        standIn.Nodes.Add(new NodeProto { OpType = "Gather", Input = { standIn.Input(0), zero }, Output = { first } });
        standIn.Ordinary(0, "Gather", first, standIn.Input(1));
        standIn.Typed(1, TensorType.Of(ElementType.Int64, 2));
    }

    private static void UnflattenStandIn(StandIn standIn)
    {
        string name = standIn.Node.Output[0], shape = name + "/shape", zero = name + "/place", row = name + "/row", rest = name + "/rest", all = name + "/all";
        standIn.Nodes.Add(new NodeProto { OpType = "Constant", Output = { zero } }.With("value_int", 0L));
        standIn.Nodes.Add(new NodeProto { OpType = "Gather", Input = { standIn.Input(0), zero }, Output = { row } });
        standIn.Nodes.Add(new NodeProto { OpType = "Shape", Input = { row }, Output = { rest } });
        standIn.Nodes.Add(new NodeProto { OpType = "Concat", Input = { standIn.Input(2), rest }, Output = { all } }.With("axis", 0L));
        standIn.Ordinary(0, "ConstantOfShape", all);
    }
}
