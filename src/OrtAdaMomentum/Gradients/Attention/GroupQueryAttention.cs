using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>
/// Attention in which several heads of queries share a head of keys, as language models use it, over one whole sequence: with an empty past.
/// </summary>
internal static class GroupQueryAttention
{
    public static readonly Composition Composition = new("GroupQueryAttention", static node =>
    {
        if (Unsupported(node) is { } what)
            throw new FineTuningException(what);
        long heads = node.Integer("num_heads", 0), keyHeads = node.Integer("kv_num_heads", 0);
        var (q, k, v) = Split(node, heads, keyHeads);
        if (node.Integer("do_rotary", 0) == 1)
            (q, k) = (Rotated(node, q), Rotated(node, k));

        // Heads that share their keys lie one after the other: as more queries of one head they need no copy of the keys.
        var queries = DotProductAttention.Scaled(node, q.Transpose(0, 2, 1, 3));
        var folded = queries.Reshape(0, keyHeads, -1, 0).MatMul(k.Transpose(0, 2, 3, 1));
        var scores = folded.Reshape(0, heads, -1, 0).WithType(new TensorType(q.ElementType, [q.Shape[0], heads, q.Shape[1], q.Shape[1]]));
        var weights = Weights(node, Masked(node, Capped(node, scores)));
        var values = v.Transpose(0, 2, 1, 3);
        var y = weights.Reshape(0, keyHeads, -1, 0).MatMul(values).Reshape(0, heads, -1, 0).WithType(queries.Type);
        return [Heads.Join(y.Transpose(0, 2, 1, 3)), k.Transpose(0, 2, 1, 3), values];
    }, OnnxDomains.Microsoft)
    {
        SteeringInputs = [7, 8],
        Note = "over whole sequences: the past is empty",
    };

    private static string? Unsupported(NodeContext node)
    {
        if (node.HasInput(3) && !node.Input(3).Shape[2].Is(0))
            return "past keys (input 3) are for generating text; fix the past to a length of 0, or export the model without it";
        if (node.Text("k_quant_type", "NONE") != "NONE" || node.Text("v_quant_type", "NONE") != "NONE" || node.Integer("sliding_window_cache", 0) != 0)
            return "a cache of keys that is quantised or slides is for generating text; export the model without it";
        if (node.HasInput(14) || node.HasInput(15))
            return "the normalisation of queries and keys inside it (inputs 14 and 15) is not supported by ONNX Runtime on the CPU";
        return node.HasOutput(3) ? "the scores as an output (output 3) are not written out; remove the output" : null;
    }

    /// <summary>Queries, keys and values as [batch, positions, heads, size].</summary>
    private static (SymbolicTensor Queries, SymbolicTensor Keys, SymbolicTensor Values) Split(NodeContext node, long heads, long keyHeads)
    {
        if (node.HasInput(1))
            return (Heads.Split(node.Input(0), heads), Heads.Split(node.Input(1), keyHeads), Heads.Split(node.Input(2), keyHeads));
        var packed = Heads.Split(node.Input(0), heads + 2 * keyHeads);
        long[] counts = [heads, keyHeads, keyHeads];
        var parts = node.Graph.Nodes(
            "Split", [packed, node.Graph.Integers(counts)],
            [.. counts.Select(count => new TensorType(packed.ElementType, [packed.Shape[0], packed.Shape[1], count, packed.Shape[3]]))],
            ("axis", 2L));
        return (parts[0], parts[1], parts[2]);
    }

    private static SymbolicTensor Rotated(NodeContext node, SymbolicTensor x)
    {
        var positions = KeyMask.Places(x, 1);
        // The runtime reads one position alone and counts on from it.
        if (node.HasInput(9))
            positions = (positions + node.Input(9).Reshape(-1).Slice(0, 0, 1)).WithType(positions.Type);
        positions = positions.Unsqueeze(0);
        var (cosines, sines) = (node.Input(7), node.Input(8));
        return RotaryEmbedding.Rotate(
            x, RotaryEmbedding.Angles(cosines, positions, 2), RotaryEmbedding.Angles(sines, positions, 2),
            node.Integer("rotary_interleaved", 0) == 1, 2 * cosines.Extent(1));
    }

    private static SymbolicTensor Capped(NodeContext node, SymbolicTensor scores)
    {
        float cap = node.Number("softcap", 0);
        return cap > 0 ? (scores / cap).Unary("Tanh") * cap : scores;
    }

    private static SymbolicTensor Masked(NodeContext node, SymbolicTensor scores)
    {
        if (node.HasInput(10))
            scores = (scores + node.Input(10)).WithType(scores.Type);
        var (queries, keys) = (KeyMask.Places(scores, 2).Unsqueeze(1), KeyMask.Places(scores, 3));
        // Input 5 holds the last place of each sample that is no padding.
        var hidden = keys.IsGreaterThan(node.Input(5).Cast(ElementType.Int64).Reshape(-1, 1, 1, 1));
        if (node.Integer("causal", 1) == 1)
            hidden = hidden.Or(keys.IsGreaterThan(queries));
        if (node.Integer("local_window_size", -1) is > 0 and var window)
            hidden = hidden.Or(keys.IsLessThan(queries + (1 - window)));
        return (scores + hidden.Choose(scores.ElementType.Lowest(), scores.Like(0))).WithType(scores.Type);
    }

    /// <summary>Softmax, where asked for with one more number in its sum that takes weight from all keys.</summary>
    private static SymbolicTensor Weights(NodeContext node, SymbolicTensor scores)
    {
        if (node.HasInput(11))
        {
            var sink = node.Input(11).Reshape(1, node.Integer("num_heads", 0), 1, 1).ExpandLike(scores.Slice(3, 0, 1));
            return Softmax(SymbolicTensor.Concat(3, scores, sink)).Slice(3, 0, -1).WithType(scores.Type);
        }

        return node.Integer("smooth_softmax", 0) == 1
            ? Softmax(scores.Pad([3], [0], [1])).Slice(3, 0, -1).WithType(scores.Type)
            : Softmax(scores);
    }

    private static SymbolicTensor Softmax(SymbolicTensor scores) => scores.Graph.Node("Softmax", [scores], scores.Type, ("axis", -1L));
}
