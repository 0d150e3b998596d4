using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Slices picked by index along an axis, as from a table of embeddings: each slice of the gradient is added to where it came from.</summary>
internal static class GatherGradient
{
    public static readonly GradientRule Rule = new("Gather", static node =>
    {
        var (x, indices, g) = (node.Input(0), node.Input(1), node.Gradient);
        int axis = (int)node.Integer("axis", 0);
        if (axis < 0)
            axis += x.Rank;

        // One fixed index is a slice.
        if (indices.Type.Rank == 0 && x.Type.Shape is not null && node.ConstantIntegers(1) is [var index])
            return [Placement.Embed(g.Unsqueeze(axis), x, [axis], [index])];
        var gradient = ScatterAlong(axis, x, indices, g);
        if (axis == 0 && indices.ElementType == ElementType.Int64 && x.Type.StaticShape is { } shape)
            gradient.OrBy("EmbeddingBackward", [g, indices], ("shape", shape));
        return [gradient];
    })
    {
        SteeringInputs = [1],
    };

    // ScatterElements rather than ScatterND, which adds from several threads at once and so loses sums where an index is repeated.
    private static SymbolicTensor ScatterAlong(int axis, SymbolicTensor x, SymbolicTensor indices, SymbolicTensor g)
    {
        var updates = indices.Type.Rank switch
        {
            0 => g.Unsqueeze(axis),
            1 => g,
            _ => FlattenIndices(axis, x, g),
        };
        int[] after = [.. Enumerable.Range(1, x.Rank - 1 - axis)];
        var places = indices.Reshape(-1).Unsqueeze(after).ExpandLike(updates);
        return x.Graph.Node("ScatterElements", [x.Graph.ZerosLike(x), places, updates], x.Type, ("axis", (long)axis), ("reduction", "add"));
    }

    /// <summary>The axes of the indices made one: the gradient in the shape of the input, but with as many slices as there are indices.</summary>
    private static SymbolicTensor FlattenIndices(int axis, SymbolicTensor x, SymbolicTensor g)
    {
        var before = Enumerable.Range(0, axis);
        var after = Enumerable.Range(axis + 1, x.Rank - axis - 1);
        if (after.All(place => x.Shape[place].IsStatic))
            return g.Reshape([.. before.Select(static _ => 0L), -1, .. after.Select(place => x.Extent(place))]);

        var shape = SymbolicTensor.Concat(
            0, [.. before.Select(place => x.ExtentOf(place)), x.Graph.Integers(-1), .. after.Select(place => x.ExtentOf(place))]);
        Dimension[] dimensions = [.. before.Select(place => x.Shape[place]), Dimension.Unknown, .. after.Select(place => x.Shape[place])];
        return x.Graph.Node("Reshape", [g, shape], new TensorType(g.ElementType, dimensions));
    }
}
