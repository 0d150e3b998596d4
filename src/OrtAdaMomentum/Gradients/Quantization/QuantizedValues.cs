using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Quantization;

/// <summary>
/// The integers that stand for numbers which depend on a parameter. From QuantizeLinear to DequantizeLinear a gradient passes them as if they
/// had not been rounded, and through operators that only move elements on the way. What computes with them is reported: the gradient
/// would silently be wrong.
/// </summary>
internal sealed class QuantizedValues(GraphBuilder graph, GradientRegistry registry)
{
    private static readonly HashSet<string> Movers =
    [
        "Concat", "DepthToSpace", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "MaxPool", "Pad", "Reshape", "Slice",
        "SpaceToDepth", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze",
    ];

    private readonly Dictionary<string, ElementType> _values = [];

    public bool Contains(string value) => _values.ContainsKey(value);

    /// <summary>A value as gradient rules see it: integers that stand for numbers have the element type of these.</summary>
    public SymbolicTensor AsNumbers(SymbolicTensor value) =>
        _values.TryGetValue(value.Name, out var type) ? value.WithType(value.Type with { ElementType = type }) : value;

    /// <summary>Follows a node, one of whose inputs depends on a parameter, to its outputs.</summary>
    public void Follow(NodeProto node)
    {
        var type = node.OpType == "QuantizeLinear" && TypeOf(node.Input[0]) is { } quantized
            ? quantized
            : node.Input.Where(Contains).Select(input => _values[input]).FirstOrDefault(ComputesInIntegers(node) ? ElementType.Float : default);
        if (type == default)
            return;
        // Where a maximum was taken from is no such value, though an integer.
        foreach (string output in node.OpType == "MaxPool" ? node.Output.Take(1) : node.Output)
        {
            if (TypeOf(output) is { } integer && !integer.IsFloatingPoint() && integer != ElementType.Bool)
                _values.TryAdd(output, type);
        }
    }

    /// <summary>Why no gradient passes a node though one reaches it; null when it is not for being quantised.</summary>
    public string? Refusal(NodeProto node)
    {
        if (ComputesInIntegers(node))
            return registry.Without(node.OpType, node.Domain)!.Reason;
        if (!node.Input.Any(Contains) || node.OpType == "DequantizeLinear")
            return null;
        bool standard = OnnxDomains.IsStandard(node);
        if (standard && (Movers.Contains(node.OpType) || node.OpType == "Cast" && !Contains(node.Output[0])))
            return null;
        return "it works on quantised values; between QuantizeLinear and DequantizeLinear a gradient passes only operators that move elements";
    }

    private bool ComputesInIntegers(NodeProto node) => registry.Without(node.OpType, node.Domain)?.Support == OperatorSupport.Integers;

    private ElementType? TypeOf(string value) => value.Length > 0 && graph.IsTyped(value) ? graph.Value(value).ElementType : null;
}
