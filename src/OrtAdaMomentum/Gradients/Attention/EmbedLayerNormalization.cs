using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>The sum of the embeddings of words, positions and segments, normalised.</summary>
internal static class EmbedLayerNormalization
{
    public static readonly Composition Composition = new("EmbedLayerNormalization", static node =>
    {
        var (ids, words, positions) = (node.Input(0), node.Input(2), node.Input(3));
        var sum = Look(words, ids) + Positions(node, ids, positions);
        if (node.HasInput(1))
            sum += Look(node.Input(4), node.Input(1));
        sum = sum.WithType(new TensorType(words.ElementType, [ids.Shape[0], ids.Shape[1], words.Shape[1]]));
        var y = node.Graph.Node(
            "LayerNormalization", [sum, node.Input(5), node.Input(6)], sum.Type,
            ("axis", -1L), ("epsilon", node.Number("epsilon", 1e-12f)));
        return [y, node.HasOutput(1) ? WordCount(node, ids) : null, sum];
    }, OnnxDomains.Microsoft);

    private static SymbolicTensor Look(SymbolicTensor table, SymbolicTensor indices) => table.Graph.Node(
        "Gather", [table, indices], new TensorType(table.ElementType, [.. indices.Shape, table.Shape[1]]), ("axis", 0L));

    /// <summary>The embeddings of the positions given, or of the first ones in order.</summary>
    private static SymbolicTensor Positions(NodeContext node, SymbolicTensor ids, SymbolicTensor table)
    {
        if (node.HasInput(8))
            return Look(table, node.Input(8));
        if (ids.Shape[1] is { IsStatic: true } count)
            return table.Shape[0].Is(count.Extent) ? table : table.Slice(0, 0, count.Extent);
        return node.Graph.Node(
            "Slice", [table, node.Graph.Integers(0), ids.ExtentOf(1), node.Graph.Integers(0)],
            new TensorType(table.ElementType, [ids.Shape[1], table.Shape[1]]));
    }

    /// <summary>How many words of each sample the mask counts; zeros without a mask.</summary>
    private static SymbolicTensor WordCount(NodeContext node, SymbolicTensor ids)
    {
        if (node.HasInput(7))
        {
            var mask = node.Input(7);
            return mask.IsEqualTo(mask.Like(1)).Cast(ElementType.Int32).ReduceSum([1], keepDimensions: false);
        }

        return node.Graph.Node(
            "ConstantOfShape", [ids.ExtentOf(0)], new TensorType(ElementType.Int32, [ids.Shape[0]]),
            ("value", AttributeValue.TensorOf(0, ElementType.Int32)));
    }
}
