namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Batch normalisation: y = (x - mean) / sqrt(var + epsilon) * scale + bias, per channel.</summary>
internal static class BatchNormalizationGradient
{
    public static readonly GradientRule Rule = new("BatchNormalization", static node =>
        node.OutputGradient(0) is null ? [] : node.Integer("training_mode", 0) == 0 ? Frozen(node) : Training(node));

    /// <summary>With given statistics the operator is an affine map of each channel.</summary>
    private static IReadOnlyList<SymbolicTensor?> Frozen(GradientContext node)
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var (scale, mean, variance) = (node.Input(1), node.Input(3), node.Input(4));
        int[] others = OtherAxes(x);

        var inverse = 1 / (variance + node.Number("epsilon", 1e-5f)).Sqrt();
        var sum = g.ReduceSum(others, keepDimensions: false);
        var scaleGradient = (g * (x - Channel(mean, x))).ReduceSum(others, keepDimensions: false) * inverse;
        return
        [
            g * Channel(scale * inverse, x),
            scaleGradient,
            sum,
            -(scale * inverse * sum),
            -0.5 * (scale * inverse * inverse * scaleGradient),
        ];
    }

    /// <summary>
    /// With the statistics of the batch the gradient flows through them too. They are computed again, as the operator does not give them;
    /// the variance from centred values, so that a large mean costs no digits. The running statistics are bookkeeping and take part in nothing.
    /// </summary>
    private static IReadOnlyList<SymbolicTensor?> Training(GradientContext node)
    {
        var (x, scale, g) = (node.Input(0), node.Input(1), node.Gradient);
        int[] others = OtherAxes(x);

        var centred = x - x.ReduceMean(others, keepDimensions: true);
        var variance = (centred * centred).ReduceMean(others, keepDimensions: true);
        var inverse = 1 / (variance + node.Number("epsilon", 1e-5f)).Sqrt();
        var product = g * centred;

        // dx = scale * inverse * (g - mean(g) - normalised * mean(g * normalised)), gathered into few passes over full-size tensors.
        var factor = Channel(scale, x) * inverse;
        var slope = factor * inverse * inverse * product.ReduceMean(others, keepDimensions: true);
        var input = ((g - g.ReduceMean(others, keepDimensions: true)) * factor) - (centred * slope);
        return
        [
            input,
            (product.ReduceSum(others, keepDimensions: true) * inverse).ReshapeLike(scale),
            g.ReduceSum(others, keepDimensions: false),
        ];
    }

    private static int[] OtherAxes(SymbolicTensor x) => [0, .. Enumerable.Range(2, x.Rank - 2)];

    /// <summary>One number per channel, laid out to broadcast over the input.</summary>
    private static SymbolicTensor Channel(SymbolicTensor values, SymbolicTensor x) =>
        x.Rank == 2 ? values : values.Unsqueeze([.. Enumerable.Range(1, x.Rank - 2)]);
}
