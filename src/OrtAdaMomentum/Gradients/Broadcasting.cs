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
    /// <param name="gradient">What is summed.</param>
    /// <param name="target">The operand whose gradient it becomes.</param>
    /// <param name="others">
    /// Shapes of all other operands, null where one is not known: along an axis where they have one element, the target cannot have been
    /// stretched. When not given, nothing is known of them.
    /// </param>
    public static SymbolicTensor SumTo(
        SymbolicTensor gradient, SymbolicTensor target, IReadOnlyList<IReadOnlyList<Dimension>?>? others = null)
    {
        var from = gradient.Type.Shape;
        var to = target.Type.Shape;
        var type = new TensorType(gradient.ElementType, to);
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
            else if (!narrow.CertainlyEquals(wide) && !narrow.IsStatic && !others.HaveOneElementAt(from.Count - axis))
                return SumToAtRunTime(gradient, target);
        }

        if (axes.Count == 0)
            return gradient.Type.IsStatic ? gradient : gradient.WithType(type);
        var summed = axes[^1] == axes.Count - 1
            ? gradient.SumOfRows(axes.Count, keepDimensions: added == 0)
            : gradient.ReduceSum([.. axes], keepDimensions: added == 0);
        return added == 0 || summed.Type.Shape!.Count == to.Count ? summed.WithType(type) : summed.ReshapeLike(target);
    }

    private static bool HaveOneElementAt(this IReadOnlyList<IReadOnlyList<Dimension>?>? shapes, int fromEnd) =>
        shapes is not null && shapes.All(shape => shape is not null && (fromEnd > shape.Count || shape[^fromEnd].Is(1)));

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
        var list = new TensorType(ElementType.Int64, [Dimension.Unknown]);
        bool sameRank = gradient.Type.Rank is { } rank && rank == target.Type.Rank;
        var shape = target.ShapeOf();
        var aligned = sameRank ? shape : AlignedToEnd(shape, gradient);
        var isOne = aligned.IsEqualTo(graph.Scalar(1, ElementType.Int64));
        var axes = graph.Node("NonZero", [isOne], new TensorType(ElementType.Int64, [1, Dimension.Unknown])).Reshape(-1);
        var summed = graph.Node(
            "ReduceSum", [gradient, axes],
            sameRank ? target.Type : new TensorType(gradient.ElementType, gradient.Type.Shape is { } wide ? new Dimension[wide.Count] : null),
            ("keepdims", 1L), ("noop_with_empty_axes", 1L));
        return sameRank ? summed : graph.Node("Reshape", [summed, shape], target.Type, ("allowzero", 1L));

        SymbolicTensor AlignedToEnd(SymbolicTensor narrow, SymbolicTensor wide)
        {
            var ones = graph.Node(
                "ConstantOfShape", [wide.ShapeOf().ShapeOf() - narrow.ShapeOf()], list, ("value", AttributeValue.TensorOf(1, ElementType.Int64)));
            return graph.Node("Concat", [ones, narrow], list, ("axis", 0L));
        }
    }
}
