using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>ONNX Runtime's Attention: one product projects the input to queries, keys and values, which then attend.</summary>
internal static class ProjectedAttention
{
    public static readonly Composition Composition = new("Attention", static node =>
    {
        if (node.Integer("do_rotary", 0) != 0)
            throw new FineTuningException("do_rotary is not supported by ONNX Runtime on the CPU; use MultiHeadAttention and RotaryEmbedding");
        if (node.Integer("past_present_share_buffer", 0) != 0)
            throw new FineTuningException("past keys in a shared buffer are for generating text; export the model without them");
        long heads = node.Integer("num_heads", 0);
        var projected = node.Input(0).MatMul(node.Input(1));
        if (node.HasInput(2))
            projected = (projected + node.Input(2)).WithType(projected.Type);
        var parts = Parts(node, projected);
        var queries = Heads.First(parts[0], heads);
        var past = node.HasInput(4) ? node.Input(4) : null;
        var (keys, values) = (Heads.First(parts[1], heads), Heads.First(parts[2], heads));
        SymbolicTensor? pastKeys = null;
        if (past is not null)
        {
            pastKeys = past.Slice(0, 0, 1).Squeeze(0);
            (keys, values) = (SymbolicTensor.Concat(2, pastKeys, keys), SymbolicTensor.Concat(2, past.Slice(0, 1, 2).Squeeze(0), values));
        }

        var keysTransposed = past is null ? Heads.Split(parts[1], heads).Transpose(0, 2, 3, 1) : keys.TransposeMatrices();
        var mask = node.HasInput(3) ? node.Input(3) : null;
        var bias = node.HasInput(5) ? node.Input(5) : null;
        var y = DotProductAttention.Write(node, queries, keysTransposed, values, bias, mask, pastKeys);
        return node.HasOutput(1) ? [y, SymbolicTensor.Concat(0, keys.Unsqueeze(0), values.Unsqueeze(0))] : [y];
    }, OnnxDomains.Microsoft)
    {
        Note = "not with past keys in a shared buffer, and not with do_rotary",
    };

    private static SymbolicTensor[] Parts(NodeContext node, SymbolicTensor projected)
    {
        if (node.Integers("qkv_hidden_sizes") is { Length: 3 } sizes)
            return Heads.Parts(projected, node.Graph.Integers(sizes), [.. sizes.Select(Dimension.Of)]);
        var width = projected.Shape[2] is { IsStatic: true } whole ? whole.Extent / 3 : Dimension.Unknown;
        var type = new TensorType(projected.ElementType, [projected.Shape[0], projected.Shape[1], width]);
        return node.Graph.Nodes("Split", [projected], [type, type, type], ("axis", -1L), ("num_outputs", 3L));
    }
}
