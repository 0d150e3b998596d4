namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Normalisation by mean and standard deviation alone: y = (x - mean) / (deviation + 1e-9).</summary>
internal static class MeanVarianceNormalizationGradient
{
    private const double Epsilon = 1e-9;

    public static readonly GradientRule Rule = new("MeanVarianceNormalization", static node =>
    {
        var (x, y, g) = (node.Input(0), node.Output(), node.Gradient);
        int[] axes = [.. (node.Integers("axes") ?? [0, 2, 3]).Select(static axis => (int)axis)];
        var centred = x - x.ReduceMean(axes, keepDimensions: true);
        var deviation = (centred * centred).ReduceMean(axes, keepDimensions: true).Sqrt();

        // Constant elements stay constant: there y is zero, and its product with what passes through the deviation is taken as zero too.
        var through = y * (g * y).ReduceMean(axes, keepDimensions: true);
        return [(g - g.ReduceMean(axes, keepDimensions: true) - through) / (deviation + Epsilon)];
    });
}
