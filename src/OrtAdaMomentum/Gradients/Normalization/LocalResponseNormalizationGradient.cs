namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>
/// Local response normalisation: y = x * s^-beta with s = bias + alpha * (mean of the squares of <c>size</c> neighbouring channels, those
/// beyond the first and last counted as zero).
/// </summary>
internal static class LocalResponseNormalizationGradient
{
    public static readonly GradientRule Rule = new("LRN", static node =>
    {
        var (x, y, g) = (node.Input(0), node.Output(), node.Gradient);
        double alpha = node.Number("alpha", 1e-4f), beta = node.Number("beta", 0.75f);
        long size = node.Integer("size", 1);
        long before = (size - 1) / 2, after = size - 1 - before;

        var sums = (MeanOfNeighbours(x * x, size, before, after) * alpha) + node.Number("bias", 1);

        // A channel takes part in the sums of those that have it as a neighbour: the same window seen from the other side.
        var through = MeanOfNeighbours(g * y / sums, size, after, before);
        return [(g * sums.Pow(x.Like(-beta))) - (x * through * (2 * alpha * beta))];
    });

    /// <summary>The channels as a spatial axis of their own, over which windows move.</summary>
    private static SymbolicTensor MeanOfNeighbours(SymbolicTensor values, long size, long before, long after)
    {
        if (size == 1)
            return values;
        long[] others = new long[values.Rank - 2], ones = [.. others.Select(static _ => 1L)];
        var channels = values.Unsqueeze(1);
        return values.Graph.Node(
            "AveragePool", [channels], channels.Type,
            ("kernel_shape", (long[])[size, .. ones]), ("pads", (long[])[before, .. others, after, .. others]), ("count_include_pad", 1L))
            .Squeeze(1);
    }
}
