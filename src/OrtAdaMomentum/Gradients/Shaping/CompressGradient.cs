using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Slices along an axis, or elements, where a condition holds: the gradient goes back to their places, zeros elsewhere.</summary>
internal static class CompressGradient
{
    public static readonly GradientRule Rule = new("Compress", static node =>
    {
        var (x, condition, g) = (node.Input(0), node.Input(1), node.Gradient);
        var places = node.Graph.Node("NonZero", [condition], new TensorType(ElementType.Int64, [1, Dimension.Unknown])).Reshape(-1);
        if (!node.HasAttribute("axis"))
            return [Scatter(node.Graph.ZerosLike(x).Reshape(-1), places, g, 0).ReshapeLike(x)];

        int axis = (int)node.Integer("axis", 0);
        int[] after = [.. Enumerable.Range(1, axis < 0 ? -axis - 1 : x.Rank - axis - 1)];
        return [Scatter(node.Graph.ZerosLike(x), places.Unsqueeze(after).ExpandLike(g), g, axis)];
    })
    {
        SteeringInputs = [1],
    };

    private static SymbolicTensor Scatter(SymbolicTensor zeros, SymbolicTensor places, SymbolicTensor g, int axis) =>
        zeros.Graph.Node("ScatterElements", [zeros, places, g], zeros.Type, ("axis", (long)axis));
}
