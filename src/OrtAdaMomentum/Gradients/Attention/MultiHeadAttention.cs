using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>Attention whose queries, keys and values are given: apart, keys by head from a cache, or packed beside each other.</summary>
internal static class MultiHeadAttention
{
    public static readonly Composition Composition = new("MultiHeadAttention", static node =>
    {
        if (node.HasInput(8) || node.HasInput(9))
            throw new FineTuningException("past keys in a shared buffer (inputs 8 and 9) are for generating text; export the model without them");
        if (node.HasOutput(3))
            throw new FineTuningException("the scores as an output (output 3) are not written out; remove the output");
        long heads = node.Integer("num_heads", 0);
        var (query, key, value) = Projected(node);
        var queries = Heads.First(query, heads);
        var past = node.HasInput(6) ? node.Input(6) : null;
        var keys = key.Rank == 4 ? key : Heads.First(key, heads);
        var values = value.Rank == 4 ? value : Heads.First(value, heads);
        if (past is not null)
            (keys, values) = (SymbolicTensor.Concat(2, past, keys), SymbolicTensor.Concat(2, node.Input(7), values));
        bool isFlat = past is null && key.Rank == 3;
        var keysTransposed = isFlat ? Heads.Split(key, heads).Transpose(0, 2, 3, 1) : keys.TransposeMatrices();

        var bias = node.HasInput(5) ? node.Input(5) : null;
        var mask = node.HasInput(4) ? node.Input(4) : null;
        return [DotProductAttention.Write(node, queries, keysTransposed, values, bias, mask, past), keys, values];
    }, OnnxDomains.Microsoft)
    {
        Note = "not with past keys in a shared buffer, and not with its scores as an output",
    };

    private static (SymbolicTensor Query, SymbolicTensor Key, SymbolicTensor Value) Projected(NodeContext node)
    {
        if (!node.HasInput(1))
        {
            var parts = Unpacked(node.Input(0), 3);
            return WithBias(node, parts[0], parts[1], parts[2]);
        }

        if (!node.HasInput(2))
        {
            var parts = Unpacked(node.Input(1), 2);
            return WithBias(node, node.Input(0), parts[0], parts[1]);
        }

        return WithBias(node, node.Input(0), node.Input(1), node.Input(2));
    }

    /// <summary>[batch, positions, heads, parts, size] as its parts [batch, positions, heads * size].</summary>
    private static SymbolicTensor[] Unpacked(SymbolicTensor packed, int parts)
    {
        if (packed.Rank != 5)
            throw new FineTuningException($"packed inputs have five axes, this one has {packed.Rank}; give queries, keys and values apart");
        var type = new TensorType(packed.ElementType, [.. packed.Shape.Take(3), 1, packed.Shape[4]]);
        var split = packed.Graph.Nodes(
            "Split", [packed], [.. Enumerable.Repeat(type, parts)], ("axis", 3L), ("num_outputs", (long)parts));
        return [.. split.Select(static part => Heads.Join(part.Squeeze(3)))];
    }

    private static (SymbolicTensor Query, SymbolicTensor Key, SymbolicTensor Value) WithBias(
        NodeContext node, SymbolicTensor query, SymbolicTensor key, SymbolicTensor value)
    {
        if (!node.HasInput(3))
            return (query, key, value);
        SymbolicTensor[] projected = [query, key, value];
        Dimension[] widths = [.. projected.Select(static part => part.Shape[2])];
        var sizes = widths.All(static width => width.IsStatic)
            ? node.Graph.Integers([.. widths.Select(static width => width.Extent)])
            : SymbolicTensor.Concat(0, [.. projected.Select(static part => part.ExtentOf(2))]);
        var parts = Heads.Parts(node.Input(3), sizes, widths);
        return (Sum(query, parts[0]), Sum(key, parts[1]), Sum(value, parts[2]));
    }

    private static SymbolicTensor Sum(SymbolicTensor x, SymbolicTensor bias) => (x + bias).WithType(x.Type);
}
