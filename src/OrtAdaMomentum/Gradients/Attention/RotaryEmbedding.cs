using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>
/// A rotation of pairs of each head by angles that depend on the position. The tables of cosines and sines steer it, so that nobody
/// trains them unasked.
/// </summary>
internal static class RotaryEmbedding
{
    public static readonly Composition Composition = new("RotaryEmbedding", static node =>
    {
        var (x, cosines) = (node.Input(0), node.Input(2));
        if (x.Rank == 4)
            return [Rotated(node, x, headAxis: 1)];
        long heads = node.Integer("num_heads", 0);
        if (node.Integer("rotary_embedding_dim", 0) > 0)
            return [Heads.Join(Rotated(node, Heads.Split(x, heads), headAxis: 2))];

        // The tables say how wide a head is.
        var split = heads > 0 ? Heads.Split(x, heads) : x.Reshape(0, 0, -1, 2 * cosines.Extent(1));
        return [Heads.Join(Rotated(node, split, headAxis: 2)).WithType(x.Type)];
    }, OnnxDomains.Microsoft)
    {
        SteeringInputs = [1, 2, 3],
    };

    /// <summary>Rotates the first <paramref name="width"/> elements of each head (0: all) by angles that broadcast to half of them.</summary>
    public static SymbolicTensor Rotate(SymbolicTensor x, SymbolicTensor cosine, SymbolicTensor sine, bool interleaved, long width)
    {
        if (width == 0 || x.Shape[3].Is(width))
            return Turn(x, cosine, sine, interleaved).WithType(x.Type);
        var turned = Turn(x.Slice(3, 0, width), cosine, sine, interleaved);
        return SymbolicTensor.Concat(3, turned, x.Slice(3, width, long.MaxValue)).WithType(x.Type);
    }

    /// <summary>Cosines or sines of each position, with an axis of one for the heads.</summary>
    public static SymbolicTensor Angles(SymbolicTensor table, SymbolicTensor positions, int headAxis) => table.Graph.Node(
        "Gather", [table, positions], new TensorType(table.ElementType, [.. positions.Shape, table.Shape[1]]), ("axis", 0L)).Unsqueeze(headAxis);

    private static SymbolicTensor Rotated(NodeContext node, SymbolicTensor x, int headAxis)
    {
        var positions = node.Input(1);
        // One number is the position of the first element.
        if (positions.Rank != 2)
            positions = (positions.Reshape(-1) + KeyMask.Places(x, 3 - headAxis)).Unsqueeze(0);
        return Rotate(
            x, Angles(node.Input(2), positions, headAxis), Angles(node.Input(3), positions, headAxis),
            node.Integer("interleaved", 0) == 1, node.Integer("rotary_embedding_dim", 0));
    }

    private static SymbolicTensor Turn(SymbolicTensor x, SymbolicTensor cosine, SymbolicTensor sine, bool interleaved)
    {
        var half = x.Shape[3] is { IsStatic: true } width ? width.Extent / 2 : Dimension.Unknown;
        var pairs = interleaved ? x.Reshape(0, 0, 0, half.IsStatic ? half.Extent : -1, 2) : x;
        if (interleaved)
            (cosine, sine) = (cosine.Unsqueeze(4), sine.Unsqueeze(4));
        var type = new TensorType(x.ElementType, interleaved ? [.. pairs.Shape.SkipLast(1), 1] : [.. x.Shape.SkipLast(1), half]);
        var parts = x.Graph.Nodes("Split", [pairs], [type, type], ("axis", -1L), ("num_outputs", 2L));
        var together = SymbolicTensor.Concat(
            interleaved ? 4 : 3, (parts[0] * cosine) - (parts[1] * sine), (parts[1] * cosine) + (parts[0] * sine));
        return interleaved ? together.Reshape(0, 0, 0, x.Shape[3] is { IsStatic: true } all ? all.Extent : -1) : together;
    }
}
