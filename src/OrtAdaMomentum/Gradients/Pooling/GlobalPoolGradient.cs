using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>Pooling over all spatial axes.</summary>
internal static class GlobalPoolGradient
{
    public static readonly GradientRule Average = new("GlobalAveragePool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        // The number of elements averaged is that of the input over that of the output.
        return [(g / (x.SizeOf() / node.Output().SizeOf())).ExpandLike(x).OrBy("GlobalAveragePoolBackward", [g, x])];
    });

    /// <summary>The gradient goes to the first of the greatest elements, as in max pooling.</summary>
    public static readonly GradientRule Max = new("GlobalMaxPool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var flat = Flat(x);
        var place = x.Graph.Node(
            "ArgMax", [flat], new TensorType(ElementType.Int64, [.. flat.Shape.Take(2), 1]), ("axis", 2L), ("keepdims", 1L));
        var scattered = x.Graph.Node(
            "ScatterElements", [x.Graph.ZerosLike(flat), place, g.Reshape(0, 0, 1)], flat.Type, ("axis", 2L));
        return [scattered.ReshapeLike(x)];
    });

    /// <summary>[batch, channels, elements], also of an empty batch, which leaves nothing to compute the number of elements from.</summary>
    private static SymbolicTensor Flat(SymbolicTensor x)
    {
        if (x.Shape.Skip(2).All(static axis => axis.IsStatic))
            return x.Reshape(0, 0, x.Shape.Skip(2).Aggregate(1L, static (product, axis) => product * axis.Extent));
        var shape = x.ShapeOf();
        var elements = x.Graph.Node("ReduceProd", [shape.Slice(0, 2, long.MaxValue)], TensorType.Of(ElementType.Int64, 1), ("keepdims", 1L));
        return x.Graph.Node(
            "Reshape", [x, SymbolicTensor.Concat(0, shape.Slice(0, 0, 2), elements)],
            new TensorType(x.ElementType, [x.Shape[0], x.Shape[1], Dimension.Unknown]), ("allowzero", 1L));
    }
}
