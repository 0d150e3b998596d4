using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Layer normalisation: y = (x - mean) / sqrt(var + epsilon) * scale + bias, statistics over the axes from <c>axis</c> on.</summary>
internal static class LayerNormalizationGradient
{
    public static readonly GradientRule Rule = new("LayerNormalization", static node =>
    {
        var (x, scale) = (node.Input(0), node.Input(1));
        int axis = (int)node.Integer("axis", -1);
        int[] axes = [.. Enumerable.Range(axis < 0 ? axis + x.Rank : axis, x.Rank - (axis < 0 ? axis + x.Rank : axis))];
        var (mean, inverse) = Statistics(node, x, axes);
        var normalised = (x - mean) * inverse;

        SymbolicTensor? input = null, scaleGradient = null, bias = null;
        if (node.OutputGradient(0) is { } g)
        {
            var scaled = node.ConstantNumbers(1) is { } factors && factors.All(static factor => factor == 1) ? g : g * scale;
            input = inverse * (scaled - scaled.ReduceMean(axes, keepDimensions: true)
                - (normalised * (scaled * normalised).ReduceMean(axes, keepDimensions: true)));
            scaleGradient = node.Needs(1) ? Broadcasting.SumTo(g * normalised, scale) : null;
            bias = node.Needs(2) ? Broadcasting.SumTo(g, node.Input(2)) : null;
            if (scale.Type.Shape is { } factorShape && factorShape.SequenceEqual(x.Shape.Skip(x.Rank - axes.Length)))
                x.Graph.Offer("LayerNormalizationBackward", [x, g, scale, mean, inverse], [input, scaleGradient, bias]);
        }

        // The statistics are outputs too, and a model may use them.
        if (node.OutputGradient(1) is { } meanGradient)
            input = Plus(input, meanGradient.Cast(x.ElementType) / CountOf(x, mean));
        if (node.OutputGradient(2) is { } inverseGradient)
            input = Plus(input, -(inverseGradient.Cast(x.ElementType) * inverse * inverse * normalised) / CountOf(x, mean));
        return [input is null ? null : input.ExpandLike(x), scaleGradient, bias];
    });

    private static (SymbolicTensor Mean, SymbolicTensor Inverse) Statistics(GradientContext node, SymbolicTensor x, int[] axes)
    {
        if (x.ElementType != ElementType.Double)
        {
            // The forward pass computes them anyway, in single precision also for half.
            var shape = x.Shape.Select((dimension, place) => axes.Contains(place) ? Dimension.Of(1) : dimension);
            var type = new TensorType(ElementType.Float, [.. shape]);
            return (node.RequireOutput(1, type).Cast(x.ElementType), node.RequireOutput(2, type).Cast(x.ElementType));
        }

        // In double the operator would round them to single precision.
        var mean = x.ReduceMean(axes, keepDimensions: true);
        var centred = x - mean;
        var variance = (centred * centred).ReduceMean(axes, keepDimensions: true);
        return (mean, 1 / (variance + node.Number("epsilon", 1e-5f)).Sqrt());
    }

    private static SymbolicTensor CountOf(SymbolicTensor x, SymbolicTensor statistic) => x.SizeOf() / statistic.SizeOf();

    private static SymbolicTensor Plus(SymbolicTensor? sum, SymbolicTensor part) => sum is null ? part : sum + part;
}
