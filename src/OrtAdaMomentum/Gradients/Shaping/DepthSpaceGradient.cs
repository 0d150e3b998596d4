namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Channels become blocks of an image, or blocks channels: each is the way back of the other.</summary>
internal static class DepthSpaceGradient
{
    public static readonly GradientRule ToDepth = new("SpaceToDepth", static node => [Move("DepthToSpace", node)]);

    public static readonly GradientRule ToSpace = new("DepthToSpace", static node =>
    {
        var depth = Move("SpaceToDepth", node);
        return node.Text("mode", "DCR") == "DCR"
            ? [depth]
            : [node.Graph.Node("Gather", [depth, Order(node)], node.Input(0).Type, ("axis", 1L))];
    });

    private static SymbolicTensor Move(string operatorType, GradientContext node) =>
        node.Graph.Node(operatorType, [node.Gradient], node.Input(0).Type, ("blocksize", node.Integer("blocksize", 1)));

    /// <summary>
    /// Where SpaceToDepth, which counts the places in a block before the channels, puts each element of a pixel that CRD takes from
    /// channels counted before the places.
    /// </summary>
    private static SymbolicTensor Order(GradientContext node)
    {
        var x = node.Input(0);
        long places = node.Integer("blocksize", 1) * node.Integer("blocksize", 1);
        if (!x.Shape[1].IsStatic)
            return x.PlacesAlong(1).Reshape(places, -1).Transpose(1, 0).Reshape(-1);
        long channels = x.Extent(1) / places;
        return x.Graph.Integers([.. Enumerable.Range(0, (int)x.Extent(1)).Select(index => index % places * channels + index / places)]);
    }
}
