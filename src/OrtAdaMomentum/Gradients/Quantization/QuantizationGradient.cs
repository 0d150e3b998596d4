using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Quantization;

/// <summary>
/// Quantisation by straight-through estimation. The gradient of a quantised value is that of the integer as if it were not rounded: y =
/// s (q - z) gives it g s, and q = x / s + z hands it on, divided by s, where x is inside the range of the integers, and nothing outside.
/// So a pair of the two passes the gradient inside the range, and the scale's gradient is that of learned step sizes: Σ g (q - z - x / s)
/// inside and Σ g (q - z) outside.
/// </summary>
internal static class QuantizationGradient
{
    private const string PairNote = "straight through, inside the range of the integers";
    private const string FrozenNote = "straight through; constant integers stay frozen";

    public static readonly GradientRule[] All =
    [
        new("QuantizeLinear", Quantize) { Note = PairNote },
        new("QuantizeLinear", Quantize, OnnxDomains.Microsoft) { Note = PairNote },
        new("DequantizeLinear", Dequantize) { Note = FrozenNote },
        new("DequantizeLinear", Dequantize, OnnxDomains.Microsoft) { Note = FrozenNote },
    ];

    private static IReadOnlyList<SymbolicTensor?> Dequantize(GradientContext node)
    {
        var (scale, g) = (node.Input(1), node.Gradient);
        var layout = new QuantizationScale(node);
        // y / s is q - z.
        return
        [
            node.Needs(0) ? g * layout.Spread(scale) : null,
            node.Needs(1) ? layout.Collect(g * node.Output()) / scale : null,
        ];
    }

    private static IReadOnlyList<SymbolicTensor?> Quantize(GradientContext node)
    {
        var (x, scale) = (node.Input(0), node.Input(1));
        var layout = new QuantizationScale(node);
        var limited = Limit(node, layout, x);
        var input = x.IsEqualTo(limited).Choose(Divide(node.Gradient, layout.Spread(scale)), 0);
        return [input, node.Needs(1) ? -(layout.Collect(input * x) / scale) : null];
    }

    /// <summary>The quotient; where the dividend has just been multiplied by the divisor, as in a pair with one scale, what it was before.</summary>
    private static SymbolicTensor Divide(SymbolicTensor gradient, SymbolicTensor scale) =>
        gradient.Graph.ProducerOf(gradient.Name) is { OpType: "Mul", Input: [var factor, var other] } && other == scale.Name
            ? gradient.Graph.Value(factor).WithType(gradient.Type)
            : gradient / scale;

    /// <summary>The input moved into the range that the integers stand for, half a step beyond the last included.</summary>
    private static SymbolicTensor Limit(GradientContext node, QuantizationScale layout, SymbolicTensor x)
    {
        var (least, greatest) = QuantizedRange.Of(node);
        var low = Bound(node, layout, least);
        var high = Bound(node, layout, greatest);
        if (low.Rank == 0 && high.Rank == 0)
            return node.Graph.Node("Clip", [x, low, high], x.Type);
        return node.Graph.Node("Min", [node.Graph.Node("Max", [x, low], x.Type), high], x.Type);
    }

    private static SymbolicTensor Bound(GradientContext node, QuantizationScale layout, double integer)
    {
        var scale = node.Input(1);
        if (node.ConstantNumbers(1) is { } scales && (!node.HasInput(2) || node.ConstantNumbers(2) is not null))
        {
            double[] zeros = node.HasInput(2) ? node.ConstantNumbers(2)! : new double[scales.Length];
            double[] bounds = [.. scales.Zip(zeros, (step, zero) => (integer - zero) * step)];
            var shape = layout.IsSingle ? [] : scale.Type.StaticShape!;
            var constant = node.Graph.Numbers(bounds, scale.ElementType, shape);
            return layout.IsSingle ? constant : layout.Spread(constant);
        }

        var offset = node.HasInput(2) ? integer - node.Input(2).Cast(scale.ElementType) : scale.Like(integer);
        return layout.Spread(offset * scale);
    }
}
