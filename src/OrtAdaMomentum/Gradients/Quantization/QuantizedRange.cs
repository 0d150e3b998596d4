using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Quantization;

/// <summary>The range of a quantised type, to where numbers are rounded into it.</summary>
internal static class QuantizedRange
{
    /// <summary>The least and the greatest number that is rounded rather than cut off, by the type that a QuantizeLinear node gives.</summary>
    public static (double Least, double Greatest) Of(NodeContext node) => TypeOf(node) switch
    {
        ElementType.UInt8 => (-0.5, byte.MaxValue + 0.5),
        ElementType.Int8 => (sbyte.MinValue - 0.5, sbyte.MaxValue + 0.5),
        ElementType.UInt16 => (-0.5, ushort.MaxValue + 0.5),
        ElementType.Int16 => (short.MinValue - 0.5, short.MaxValue + 0.5),
        var other => throw new FineTuningException($"no gradient passes a quantisation to {other}"),
    };

    private static ElementType TypeOf(NodeContext node)
    {
        if (node.HasInput(2))
            return node.Input(2).ElementType;
        var wanted = (ElementType)node.Integer("output_dtype", 0);
        return wanted == ElementType.Undefined ? ElementType.UInt8 : wanted;
    }
}
