using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <summary>Multidirectional broadcasting of shapes, and its reverse for gradients.</summary>
internal static class Broadcasting
{
    /// <summary>The shape of an elementwise operation over <paramref name="left"/> and <paramref name="right"/>; null when a rank is not known.</summary>
    public static IReadOnlyList<Dimension>? Combine(IReadOnlyList<Dimension>? left, IReadOnlyList<Dimension>? right)
    {
        if (left is null || right is null)
            return null;
        var result = new Dimension[Math.Max(left.Count, right.Count)];
        for (int fromEnd = 1; fromEnd <= result.Length; fromEnd++)
        {
            Dimension a = fromEnd <= left.Count ? left[^fromEnd] : 1;
            Dimension b = fromEnd <= right.Count ? right[^fromEnd] : 1;
            result[^fromEnd] = Combine(a, b);
        }

        return result;
    }

    /// <summary>
    /// Sums <paramref name="gradient"/>, which may have any shape that <paramref name="target"/> broadcasts to, down to the shape of
    /// <paramref name="target"/>. Axes are chosen from the shapes where those decide it, else at run time from the actual shape.
    /// </summary>
    public static SymbolicTensor SumTo(SymbolicTensor gradient, SymbolicTensor target)
    {
        var from = gradient.Type.Shape;
        var to = target.Type.Shape;
        if (from is null || to is null || from.Count < to.Count)
            return SumToAtRunTime(gradient, target);

        int added = from.Count - to.Count;
        var axes = new List<int>();
        for (int axis = 0; axis < from.Count; axis++)
        {
            Dimension wide = from[axis];
            Dimension narrow = axis < added ? 1 : to[axis - added];
            if (axis < added || (narrow.Is(1) && !wide.Is(1)))
                axes.Add(axis);
            else if (!narrow.CertainlyEquals(wide) && !narrow.IsStatic)
                return SumToAtRunTime(gradient, target);
        }

        if (axes.Count == 0)
            return gradient;
        var summed = gradient.ReduceSum([.. axes], keepDimensions: added == 0);
        return added == 0 || summed.Type.Shape!.Count == to.Count ? summed : summed.ReshapeLike(target);
    }

    private static Dimension Combine(Dimension left, Dimension right)
    {
        if (left.CertainlyEquals(right) || right.Is(1))
            return left;
        if (left.Is(1))
            return right;
        if (left.IsStatic)
            return left;
        return right.IsStatic ? right : Dimension.Unknown;
    }

    private static SymbolicTensor SumToAtRunTime(SymbolicTensor gradient, SymbolicTensor target)
    {
        var graph = gradient.Graph;
        var shape = target.ShapeOf();
        var wideRank = gradient.ShapeOf().ShapeOf();
        var narrowRank = shape.ShapeOf();
        var ones = graph.Node(
            "ConstantOfShape", [wideRank - narrowRank], new TensorType(ElementType.Int64, [Dimension.Unknown]),
            ("value", AttributeValue.TensorOf(1, ElementType.Int64)));
        var aligned = graph.Node("Concat", [ones, shape], new TensorType(ElementType.Int64, [Dimension.Unknown]), ("axis", 0L));
        var isOne = aligned.IsEqualTo(graph.Scalar(1, ElementType.Int64));
        var axes = graph.Node("NonZero", [isOne], new TensorType(ElementType.Int64, [1, Dimension.Unknown])).Reshape(-1);
        var summed = graph.Node(
            "ReduceSum", [gradient, axes], new TensorType(gradient.ElementType, gradient.Type.Shape is { } wide ? new Dimension[wide.Count] : null),
            ("keepdims", 1L), ("noop_with_empty_axes", 1L));
        return graph.Node("Reshape", [summed, shape], target.Type, ("allowzero", 1L));
    }
}
