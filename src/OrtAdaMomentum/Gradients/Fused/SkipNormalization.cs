using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Fused;

/// <summary>A sum and its layer normalisation: y = normalised(x + skip + bias) * gamma + beta. The sum is an output too.</summary>
internal static class SkipNormalization
{
    public static readonly Composition Layer = new("SkipLayerNormalization", static node =>
    {
        var sum = Sum(node, bias: 4);
        SymbolicTensor[] inputs = [sum, node.Input(2), .. node.HasInput(3) ? [node.Input(3)] : Array.Empty<SymbolicTensor>()];
        var outputs = Normalise(node, "LayerNormalization", inputs, node.HasOutput(1) || node.HasOutput(2) ? 2 : 0);
        return outputs.Length == 1 ? [outputs[0], null, null, sum] : [.. outputs, sum];
    }, OnnxDomains.Microsoft);

    /// <summary>Without mean and beta. Where the mean is asked for all the same, the runtime gives zeros.</summary>
    public static readonly Composition Simplified = new("SkipSimplifiedLayerNormalization", static node =>
    {
        var sum = Sum(node, bias: 3);
        var outputs = Normalise(node, "SimplifiedLayerNormalization", [sum, node.Input(2)], node.HasOutput(1) || node.HasOutput(2) ? 1 : 0);
        return outputs.Length == 1 ? [outputs[0], null, null, sum] : [outputs[0], node.Graph.ZerosLike(outputs[1]), outputs[1], sum];
    }, OnnxDomains.Microsoft);

    private static SymbolicTensor Sum(NodeContext node, int bias)
    {
        // The skip may lack the batch axis; the sum has the shape of the input.
        var x = node.Input(0);
        var sum = (x + node.Input(1)).WithType(x.Type);
        return node.HasInput(bias) ? (sum + node.Input(bias)).WithType(x.Type) : sum;
    }

    private static SymbolicTensor[] Normalise(NodeContext node, string operatorType, SymbolicTensor[] inputs, int statistics)
    {
        var sum = inputs[0];
        IReadOnlyList<Dimension>? reduced = sum.Type.Shape is { } shape ? [.. shape.Take(shape.Count - 1), 1] : null;
        TensorType[] types = [sum.Type, .. Enumerable.Repeat(new TensorType(ElementType.Float, reduced), statistics)];
        return node.Graph.Nodes(operatorType, inputs, types, ("axis", -1L), ("epsilon", node.Number("epsilon", 1e-5f)));
    }
}
