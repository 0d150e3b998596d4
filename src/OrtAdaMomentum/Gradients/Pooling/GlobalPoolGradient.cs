using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>Pooling over all spatial axes.</summary>
internal static class GlobalPoolGradient
{
    public static readonly GradientRule Average = new("GlobalAveragePool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        // The number of elements averaged is that of the input over that of the output.
        return [(g / (x.SizeOf() / node.Output().SizeOf())).ExpandLike(x)];
    });

    /// <summary>The gradient goes to the first of the greatest elements, as in max pooling.</summary>
    public static readonly GradientRule Max = new("GlobalMaxPool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var flat = x.Reshape(0, 0, -1);
        var place = x.Graph.Node(
            "ArgMax", [flat], new TensorType(ElementType.Int64, [.. flat.Shape.Take(2), 1]), ("axis", 2L), ("keepdims", 1L));
        var scattered = x.Graph.Node(
            "ScatterElements", [x.Graph.ZerosLike(flat), place, g.Reshape(0, 0, 1)], flat.Type, ("axis", 2L));
        return [scattered.ReshapeLike(x)];
    });
}
