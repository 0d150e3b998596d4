using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Whole-tensor repetition: each axis of the gradient is split into repetition and place, and the repetitions are summed.</summary>
internal static class TileGradient
{
    public static readonly GradientRule Rule = new("Tile", static node =>
    {
        var x = node.Input(0);
        if (x.Rank == 0)
            return [node.Gradient];
        var pairs = SymbolicTensor.Concat(1, node.Input(1).Unsqueeze(1), x.ShapeOf().Unsqueeze(1));
        var split = new TensorType(x.ElementType, [.. x.Shape.SelectMany(static extent => new[] { Dimension.Unknown, extent })]);
        var shape = pairs.Reshape(-1);
        var sum = node.Graph.Node("Reshape", [node.Gradient, shape], split, ("allowzero", 1L))
            .ReduceSum([.. Enumerable.Range(0, x.Rank).Select(static axis => 2 * axis)], keepDimensions: false);
        return [sum.WithType(x.Type)];
    })
    {
        SteeringInputs = [1],
    };
}
