namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>
/// Group normalisation, for which ONNX Runtime has no kernel: layer normalisation of each group of channels, scaled and shifted per channel.
/// </summary>
internal static class GroupNormalizationComposition
{
    public static readonly Composition Rule = new("GroupNormalization", static node =>
    {
        var (x, scale, bias) = (node.Input(0), node.Input(1), node.Input(2));
        var groups = Groups(x, node.Integer("num_groups", 1));
        var normalised = x.Graph.Node(
            "LayerNormalization", [groups, x.Graph.Filled(1, x.ElementType, 1)], groups.Type,
            ("axis", -1L), ("epsilon", node.Number("epsilon", 1e-5f)));
        return [(normalised.ReshapeLike(x) * Channels.Broadcast(scale, x)) + Channels.Broadcast(bias, x)];
    });

    /// <summary>[batch, groups, elements of a group].</summary>
    private static SymbolicTensor Groups(SymbolicTensor x, long groups)
    {
        // An empty batch leaves nothing to compute another axis from.
        var perImage = x.Shape.Skip(1).ToArray();
        return perImage.All(static dimension => dimension.IsStatic)
            ? x.Reshape(-1, groups, perImage.Aggregate(1L, static (product, dimension) => product * dimension.Extent) / groups)
            : x.Reshape(0, groups, -1);
    }
}
