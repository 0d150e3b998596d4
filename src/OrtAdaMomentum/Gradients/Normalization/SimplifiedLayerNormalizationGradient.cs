using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>
/// Normalisation by the root of the mean square: y = x / sqrt(mean(x²) + epsilon) * scale, over the axes from <c>axis</c> on. The runtime has
/// it in the standard domain; RMSNormalization of newer opsets is brought to it.
/// </summary>
internal static class SimplifiedLayerNormalizationGradient
{
    public static readonly GradientRule Rule = new("SimplifiedLayerNormalization", static node =>
    {
        var (x, scale) = (node.Input(0), node.Input(1));
        int first = (int)node.Integer("axis", -1);
        first = first < 0 ? first + x.Rank : first;
        int[] axes = [.. Enumerable.Range(first, x.Rank - first)];
        var inverse = Inverse(node, x, axes);
        var normalised = x * inverse;

        SymbolicTensor? input = null, scaleGradient = null;
        if (node.OutputGradient(0) is { } g)
        {
            var scaled = (g * scale).Cast(x.ElementType);
            input = inverse * (scaled - normalised * (scaled * normalised).ReduceMean(axes, keepDimensions: true));
            scaleGradient = node.Needs(1) ? Broadcasting.SumTo(g * normalised.Cast(g.ElementType), scale) : null;
        }

        if (node.OutputGradient(1) is { } inverseGradient)
        {
            var part = -(inverseGradient.Cast(x.ElementType) * inverse * inverse * normalised) * (inverse.SizeOf() / x.SizeOf());
            input = input is null ? part : input + part;
        }

        return [input, scaleGradient];
    });

    /// <summary>The forward pass has it, in single precision; only double would lose digits by that.</summary>
    private static SymbolicTensor Inverse(GradientContext node, SymbolicTensor x, int[] axes)
    {
        if (x.ElementType == ElementType.Double)
            return 1 / ((x * x).ReduceMean(axes, keepDimensions: true) + node.Number("epsilon", 1e-5f)).Sqrt();
        var shape = x.Shape.Select((dimension, place) => axes.Contains(place) ? Dimension.Of(1) : dimension);
        return node.RequireOutput(1, new TensorType(ElementType.Float, [.. shape])).Cast(x.ElementType);
    }
}
