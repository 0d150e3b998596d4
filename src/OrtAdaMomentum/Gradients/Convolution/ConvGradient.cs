namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>Convolution over any number of spatial axes.</summary>
internal static class ConvGradient
{
    public static readonly GradientRule Rule = new("Conv", static node =>
    {
        var (x, filter, g) = (node.Input(0), node.Input(1), node.Gradient);
        long groups = node.Integer("group", 1);
        var kernel = node.Integers("kernel_shape") ?? [.. Enumerable.Range(2, filter.Rank - 2).Select(filter.Extent)];
        var window = SlidingWindow.Of(node, kernel, x);

        SymbolicTensor? input = null, weights = null, bias = null;
        if (node.Needs(0))
            input = ConvolutionInputGradient.Of(g, filter, window, groups, x);
        if (node.Needs(1))
            weights = FilterGradient.Of(g, window.Pad(x), window, groups, filter);
        if (node.Needs(2))
            bias = g.ReduceSum([0, .. window.Axes], keepDimensions: false);
        return [input, weights, bias];
    });
}
