using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>The elements, or slices along an axis, without repetitions: the gradient of each goes to the first that is equal to it.</summary>
internal static class UniqueGradient
{
    public static readonly GradientRule Rule = new("Unique", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        bool flat = !node.HasAttribute("axis");
        int axis = flat ? 0 : (int)node.Integer("axis", 0);
        if (axis < 0)
            axis += x.Rank;
        Dimension extent = flat ? x.Type.ElementCount is { } count ? count : Dimension.Unknown : x.Type.Shape?[axis] ?? Dimension.Unknown;
        var first = node.RequireOutput(1, new TensorType(ElementType.Int64, [Dimension.Unknown]));
        var classes = node.RequireOutput(2, new TensorType(ElementType.Int64, [extent])).WithType(new TensorType(ElementType.Int64, [extent]));

        var graph = node.Graph;
        var ofClass = graph.Node("Gather", [g, classes], new TensorType(g.ElementType, flat ? [extent] : x.Type.Shape), ("axis", (long)axis));
        var isFirst = graph.Node(
            "Equal", [graph.Node("Gather", [first, classes], classes.Type), classes.PlacesAlong(0)], new TensorType(ElementType.Bool, [extent]));
        var shaped = flat ? isFirst : isFirst.Unsqueeze([.. Enumerable.Range(1, x.Rank - axis - 1)]);
        return [graph.Node("Where", [shaped, ofClass, g.Like(0)], ofClass.Type).ReshapeLike(x)];
    })
    {
        Note = "equal elements count as the first of them",
    };
}
