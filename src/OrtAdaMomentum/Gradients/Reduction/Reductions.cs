using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Reduction;

/// <summary>What reductions over axes have in common.</summary>
internal static class Reductions
{
    /// <summary>
    /// Gives a value in the shape of a reduction's output the axes back that <c>keepdims=0</c> dropped, so that it broadcasts against
    /// the input. Where all axes were reduced, a scalar broadcasts by itself.
    /// </summary>
    public static SymbolicTensor RestoreAxes(GradientContext node, SymbolicTensor reduced)
    {
        if (node.Integer("keepdims", 1) != 0 || ReducesAll(node) || !node.HasInput(1))
            return reduced;
        return node.ConstantIntegers(1) is { } axes && reduced.Type.Shape is not null
            ? reduced.Unsqueeze([.. axes.Select(static axis => (int)axis)])
            : node.Graph.Node("Unsqueeze", [reduced, node.Input(1)], new TensorType(reduced.ElementType, null));
    }

    /// <summary>Sums <paramref name="values"/>, which has the shape of the input, over the axes that the node reduces, and keeps these as 1.</summary>
    public static SymbolicTensor SumAlike(GradientContext node, SymbolicTensor values) => Alike("ReduceSum", node, values);

    /// <summary>The same with another reduction than the sum.</summary>
    public static SymbolicTensor Alike(string operatorType, GradientContext node, SymbolicTensor values) =>
        node.Graph.Node(
            operatorType, node.HasInput(1) ? [values, node.Input(1)] : [values],
            new TensorType(values.ElementType, values.Type.Shape is { } shape ? new Dimension[shape.Count] : null),
            ("keepdims", 1L), ("noop_with_empty_axes", node.Integer("noop_with_empty_axes", 0)));

    /// <summary>Divides by the number of elements that each element of the output was reduced from.</summary>
    public static SymbolicTensor DivideByCount(GradientContext node, SymbolicTensor value)
    {
        var (x, y) = (node.Input(0), node.Output());
        if (ReducedShape(node, x) is { } reduced && reduced.All(static dimension => dimension.IsStatic))
            return value / reduced.Aggregate(1.0, static (product, dimension) => product * dimension.Extent);

        // In single precision: half precision cannot count far, and integers stop the program where the output is empty.
        var count = Size(x) / Size(y);
        return value / count.Cast(value.ElementType);
    }

    private static SymbolicTensor Size(SymbolicTensor value) =>
        value.Graph.Node("Size", [value], TensorType.Of(ElementType.Int64))
            .Cast(value.ElementType == ElementType.Double ? ElementType.Double : ElementType.Float);

    private static Dimension[]? ReducedShape(GradientContext node, SymbolicTensor x)
    {
        if (x.Type.Shape is not { } shape)
            return null;
        if (ReducesAll(node))
            return [.. shape];
        if (!node.HasInput(1))
            return [];
        return node.ConstantIntegers(1)?.Select(axis => shape[(int)(axis < 0 ? axis + shape.Count : axis)]).ToArray();
    }

    private static bool ReducesAll(GradientContext node) =>
        node.Integer("noop_with_empty_axes", 0) == 0 && (!node.HasInput(1) || node.ConstantIntegers(1) is { Length: 0 });
}
