namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Instance normalisation: y = (x - mean) / sqrt(var + epsilon) * scale + bias, statistics per channel of each image.</summary>
internal static class InstanceNormalizationGradient
{
    public static readonly GradientRule Rule = new("InstanceNormalization", static node =>
    {
        var (x, scale, g) = (node.Input(0), node.Input(1), node.Gradient);
        int[] others = Channels.Others(x), spatial = Channels.Spatial(x);
        var moments = Moments.Of(x, spatial, node.Number("epsilon", 1e-5f));
        var product = g * moments.Centred;
        return
        [
            moments.InputGradient(g, product, Channels.Broadcast(scale, x)),
            (product.ReduceSum(spatial, keepDimensions: true) * moments.Inverse).ReduceSum(others, keepDimensions: false),
            g.ReduceSum(others, keepDimensions: false),
        ];
    });
}
