using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Operators around sums over axes that are known at run time only, and scaling.</summary>
internal static class Reductions
{
    private static readonly TensorType List = new(ElementType.Int64, [Dimension.Unknown]);

    public static readonly OfficialOperator[] All =
    [
        new("ReduceSumTraining", static node =>
        [
            node.Graph.Node(
                "ReduceSum", [node.Input(0), node.Input(1)], node.OutputType(0),
                ("keepdims", node.Integer("keepdims", 1)), ("noop_with_empty_axes", node.Integer("noop_with_empty_axes", 0))),
        ]),
        new("BroadcastGradientArgs", BroadcastAxes)
        {
            StandIn = static standIn =>
            {
                standIn.Typed(0, List);
                standIn.Typed(1, List);
            },
        },
        new OfficialOperator("Scale", static node =>
        {
            var (x, scale) = (node.Input(0), node.Input(1).Cast(node.Input(0).ElementType));
            // The scale may have one axis of one element, which must not add one to a scalar.
            scale = scale.Type.Rank == 0 ? scale : scale.Squeeze([.. Enumerable.Range(0, scale.Rank)]);
            return [(node.Integer("scale_down", 0) != 0 ? x / scale : x * scale).WithType(x.Type)];
        }).Like(0),
        new OfficialOperator("ZeroGradient", static node => [node.Graph.ZerosLike(node.Input(0))]).Like(0),
    ];

    /// <summary>The axes over which a gradient is summed down to two broadcast operands, given their shapes.</summary>
    private static SymbolicTensor[] BroadcastAxes(OfficialNode node)
    {
        var (a, b) = (node.Input(0), node.Input(1));
        var (left, right) = (Padded(a, b), Padded(b, a));
        var differ = left.IsEqualTo(right) is var same ? node.Graph.Node("Not", [same], same.Type) : null;
        return [Axes(left, a, right, differ!), Axes(right, b, left, differ!)];

        SymbolicTensor Axes(SymbolicTensor padded, SymbolicTensor own, SymbolicTensor other, SymbolicTensor differs)
        {
            var rank = other.ExtentOf(0);
            var missing = padded.PlacesAlong(0).IsLessThan(rank - own.ExtentOf(0));
            var stretched = padded.IsEqualTo(padded.Like(1)).And(differs).Or(missing);
            return node.Graph.Node("NonZero", [stretched], new TensorType(ElementType.Int64, [1, Dimension.Unknown])).Reshape(-1);
        }
    }

    /// <summary>A shape with ones before it, so that it is as long as the longer of two.</summary>
    private static SymbolicTensor Padded(SymbolicTensor shape, SymbolicTensor other)
    {
        var graph = shape.Graph;
        var missing = graph.Node("Max", [other.ExtentOf(0) - shape.ExtentOf(0), graph.Integers(0)], TensorType.Of(ElementType.Int64, 1));
        var ones = graph.Node("ConstantOfShape", [missing], List, ("value", AttributeValue.TensorOf(1, ElementType.Int64)));
        return graph.Node("Concat", [ones, shape], List, ("axis", 0L));
    }
}
