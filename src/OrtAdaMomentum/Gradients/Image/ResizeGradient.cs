using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>
/// Resizing is linear and works on each axis by itself: its gradient is the product with the matrix of each axis that changes. Where every
/// pixel is only repeated, the gradients of its copies are summed instead.
/// </summary>
internal static class ResizeGradient
{
    public static readonly GradientRule Rule = new("Resize", static node => [Differentiate(node)]) { SteeringInputs = [1, 2, 3] };

    private static SymbolicTensor Differentiate(GradientContext node)
    {
        var x = node.Input(0);
        var resize = new ResizeNode(node);
        var g = node.Gradient.WithType(resize.Output.Type);
        if (resize.ChangesNothing)
            return g.WithType(x.Type);
        int[] positions = [.. Enumerable.Range(0, resize.Axes.Length).Where(position => !resize.IsKept(position))];
        if (RepeatedPixels.Factors(resize, positions) is { } factors)
            return RepeatedPixels.Sum(g, factors, x);
        RefuseMisreadRegion(resize, positions);

        foreach (int position in positions.OrderByDescending(position => resize.Axes[position]))
            g = Multiply(g, ResizeMatrix.Of(resize, position).Cast(x.ElementType), resize.Axes[position]);
        return g.WithType(x.Type);
    }

    /// <summary>The product along one axis of <paramref name="g"/> with a matrix [extent, other extent].</summary>
    private static SymbolicTensor Multiply(SymbolicTensor g, SymbolicTensor matrix, int axis)
    {
        if (axis == g.Rank - 1)
            return g.MatMul(matrix).WithType(Resized(g, matrix, axis));
        // Unlike a product with the matrix on the left side, it also takes a batch without images.
        string behind = "cdefghijklmnopqrstuvwxyz"[..(g.Rank - 1 - axis)];
        return g.Graph.Node("Einsum", [g, matrix], Resized(g, matrix, axis), ("equation", $"...a{behind},ab->...b{behind}"));
    }

    private static TensorType Resized(SymbolicTensor g, SymbolicTensor matrix, int axis) =>
        new(g.ElementType, [.. g.Shape.Take(axis), matrix.Shape[1], .. g.Shape.Skip(axis + 1)]);

    /// <summary>With channels last these modes of the runtime look up the region to crop, or mark what is outside of it, at the wrong axes.</summary>
    private static void RefuseMisreadRegion(ResizeNode resize, int[] positions)
    {
        bool misread = resize.Crops && resize.Rank == 4 && (resize.Mode == "cubic" || resize.IsAntialiased);
        if (misread && positions.Any(position => resize.Axes[position] == 1))
        {
            throw new FineTuningException(
                "with channels last, ONNX Runtime computes tf_crop_and_resize wrongly in cubic mode and with antialias: put the channels second, "
                + "and where the model does not tell that they are, name the axes that it resizes");
        }
    }
}
