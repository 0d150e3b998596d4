namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>softmax(q kᵀ · scale + bias + mask) v over heads, as ONNX Runtime's attention operators compute it.</summary>
internal static class DotProductAttention
{
    /// <summary>Writes the output [batch, queries, heads * size].</summary>
    /// <param name="node">The node, for its attributes.</param>
    /// <param name="queries">[batch, heads, queries, size].</param>
    /// <param name="keysTransposed">[batch, heads, size, keys].</param>
    /// <param name="values">[batch, heads, keys, size].</param>
    /// <param name="bias">Added to the scores; its first two axes may be 1.</param>
    /// <param name="mask">A mask as <see cref="KeyMask"/> knows it.</param>
    /// <param name="past">Keys of earlier steps.</param>
    public static SymbolicTensor Write(
        NodeContext node,
        SymbolicTensor queries,
        SymbolicTensor keysTransposed,
        SymbolicTensor values,
        SymbolicTensor? bias,
        SymbolicTensor? mask,
        SymbolicTensor? past)
    {
        var scores = Scaled(node, queries).MatMul(keysTransposed);
        if (KeyMask.Added(node, mask, scores, past) is { } added)
            bias = bias is null ? added : bias + added;
        if (bias is not null)
            scores = (scores + bias).WithType(scores.Type);
        var weights = scores.Graph.Node("Softmax", [scores], scores.Type, ("axis", -1L));
        return Heads.Join(weights.MatMul(values).Transpose(0, 2, 1, 3));
    }

    /// <summary>The queries times the scale that the node gives, or by default one over the root of the size of a head.</summary>
    public static SymbolicTensor Scaled(NodeContext node, SymbolicTensor queries)
    {
        float scale = node.Number("scale", 0);
        if (scale != 0)
            return queries * scale;
        return queries.Shape[3] is { IsStatic: true } size
            ? queries * (1 / Math.Sqrt(size.Extent))
            : queries / queries.ExtentOf(3).Cast(queries.ElementType).Sqrt();
    }
}
