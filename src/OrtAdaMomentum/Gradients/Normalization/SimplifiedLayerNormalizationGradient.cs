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

        // The inverse root is an output too: its gradient is -x/n times its cube.
        if (node.OutputGradient(1) is { } inverseGradient)
        {
            var count = x.SizeOf() / inverse.SizeOf();
            var part = -(inverseGradient.Cast(x.ElementType) * inverse * inverse * normalised) / count;
            input = input is null ? part : input + part;
        }

        return [input, scaleGradient];
    })
    {
        Note = "of the runtime; RMSNormalization is brought to it",
    };

    /// <summary>
    /// The forward pass has it in single precision, in which double would lose digits. For more axes than the last the runtime infers a
    /// wrong shape for that output (only the first of them has extent 1), so it is not touched then.
    /// </summary>
    private static SymbolicTensor Inverse(GradientContext node, SymbolicTensor x, int[] axes)
    {
        if (x.ElementType != ElementType.Double && axes.Length == 1)
        {
            var shape = x.Shape.Select((dimension, place) => place == axes[0] ? Dimension.Of(1) : dimension);
            return node.RequireOutput(1, new TensorType(ElementType.Float, [.. shape])).Cast(x.ElementType);
        }

        var wide = x.ElementType == ElementType.Double ? x : x.Cast(ElementType.Float);
        var meanSquare = (wide * wide).ReduceMean(axes, keepDimensions: true);
        return (1 / (meanSquare + node.Number("epsilon", 1e-5f)).Sqrt()).Cast(x.ElementType);
    }
}
