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
        int[] others = Channels.Others(x);

        var inverse = 1 / (variance + node.Number("epsilon", 1e-5f)).Sqrt();
        var sum = g.ReduceSum(others, keepDimensions: false);
        var scaleGradient = (g * (x - Channels.Broadcast(mean, x))).ReduceSum(others, keepDimensions: false) * inverse;
        return
        [
            g * Channels.Broadcast(scale * inverse, x),
            scaleGradient,
            sum,
            -(scale * inverse * sum),
            -0.5 * (scale * inverse * inverse * scaleGradient),
        ];
    }

    /// <summary>
    /// With the statistics of the batch the gradient flows through them too. They are computed again, as the operator does not give them.
    /// The running statistics are bookkeeping and take part in nothing.
    /// </summary>
    private static IReadOnlyList<SymbolicTensor?> Training(GradientContext node)
    {
        var (x, scale, g) = (node.Input(0), node.Input(1), node.Gradient);
        int[] others = Channels.Others(x);
        var moments = Moments.Of(x, others, node.Number("epsilon", 1e-5f));
        var product = g * moments.Centred;
        return
        [
            moments.InputGradient(g, product, Channels.Broadcast(scale, x)),
            (product.ReduceSum(others, keepDimensions: true) * moments.Inverse).ReshapeLike(scale),
            g.ReduceSum(others, keepDimensions: false),
        ];
    }
}
