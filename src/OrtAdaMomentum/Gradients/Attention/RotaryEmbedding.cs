using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>
/// A rotation of pairs of each head by angles that depend on the position. The tables of cosines and sines have gradients as any other
/// input; who does not train them pays nothing.
/// </summary>
internal static class RotaryEmbedding
{
    public static readonly Composition Composition = new("RotaryEmbedding", static node =>
    {
        var (x, cosines) = (node.Input(0), node.Input(2));
        if (x.Rank == 4)
            return [Rotate(node, x, headAxis: 1)];
        long heads = node.Integer("num_heads", 0);
        if (node.Integer("rotary_embedding_dim", 0) > 0)
            return [Heads.Join(Rotate(node, Heads.Split(x, heads), headAxis: 2))];

        // The tables say how wide a head is.
        var size = cosines.Shape[1] is { IsStatic: true } half ? 2 * half.Extent : (Dimension?)null;
        var split = size is { } known
            ? x.Reshape(0, 0, -1, known.Extent)
            : heads > 0 ? Heads.Split(x, heads) : throw new UnknownShapeException(cosines.Name, "axis 1 has no fixed extent");
        return [Heads.Join(Rotate(node, split, headAxis: 2)).WithType(x.Type)];
    }, OnnxDomains.Microsoft);

    private static SymbolicTensor Rotate(NodeContext node, SymbolicTensor x, int headAxis)
    {
        var (cosine, sine) = (Angles(node, 2, x, headAxis), Angles(node, 3, x, headAxis));
        bool interleaved = node.Integer("interleaved", 0) == 1;
        long width = node.Integer("rotary_embedding_dim", 0);
        if (width == 0 || x.Shape[3].Is(width))
            return Turn(x, cosine, sine, interleaved).WithType(x.Type);
        var turned = Turn(x.Slice(3, 0, width), cosine, sine, interleaved);
        return SymbolicTensor.Concat(3, turned, x.Slice(3, width, long.MaxValue)).WithType(x.Type);
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

    /// <summary>Cosines or sines of each position, with an axis of one for the heads.</summary>
    private static SymbolicTensor Angles(NodeContext node, int input, SymbolicTensor x, int headAxis)
    {
        var (table, positions) = (node.Input(input), node.Input(1));
        if (positions.Rank != 2)
        {
            // The position of the first element.
            positions = positions.Reshape(-1) + KeyMask.Places(x, 3 - headAxis);
            positions = positions.Unsqueeze(0);
        }

        var angles = node.Graph.Node(
            "Gather", [table, positions], new TensorType(table.ElementType, [.. positions.Shape, table.Shape[1]]), ("axis", 0L));
        return angles.Unsqueeze(headAxis);
    }
}
