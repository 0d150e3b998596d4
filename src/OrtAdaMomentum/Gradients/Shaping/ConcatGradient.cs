using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Parts one after the other along an axis: each takes its part of the gradient.</summary>
internal static class ConcatGradient
{
    public static readonly GradientRule Rule = new("Concat", static node =>
    {
        if (node.InputCount == 1)
            return [node.Gradient];
        int axis = (int)node.Integer("axis", 0);
        SymbolicTensor[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Input)];
        int[] needed = [.. Enumerable.Range(0, parts.Length).Where(node.Needs)];
        if (needed is not [var only] || FixedExtents(parts, axis) is not { } extents)
        {
            return node.Graph.Nodes(
                "Split", [node.Gradient, Sizes(node, parts, axis)], [.. parts.Select(static part => part.Type)], ("axis", (long)axis));
        }

        var gradients = new SymbolicTensor?[parts.Length];
        gradients[only] = Part(node, extents, axis, only).WithType(parts[only].Type);
        return gradients;
    });

    private static SymbolicTensor Part(GradientContext node, long[] extents, int axis, int index)
    {
        long start = extents.Take(index).Sum();
        return node.Gradient.Slice(axis, start, start + extents[index]);
    }

    private static SymbolicTensor Sizes(GradientContext node, SymbolicTensor[] parts, int axis) =>
        FixedExtents(parts, axis) is { } extents
            ? node.Graph.Integers(extents)
            : SymbolicTensor.Concat(0, [.. parts.Select(part => part.ExtentOf(axis))]);

    private static long[]? FixedExtents(SymbolicTensor[] parts, int axis)
    {
        var dimensions = parts.Select(part => part.Type.Shape is { } shape ? shape[axis < 0 ? axis + shape.Count : axis] : Dimension.Unknown);
        return dimensions.All(static dimension => dimension.IsStatic) ? [.. dimensions.Select(static dimension => dimension.Extent)] : null;
    }
}
