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
            bias = g.ReduceSum([0, .. window.Axes], keepDimensions: false).OrBy("ChannelSum", [g]);
        if (window is { Kernel.Length: 1 or 2, AtRunTime: null } && filter.Type.IsStatic)
            OfferKernels(node, window, groups, input, weights);
        return [input, weights, bias];
    });

    /// <summary>The forward pass is offered where it can no longer be prepared beforehand, as its filter changes.</summary>
    private static void OfferKernels(GradientContext node, SlidingWindow window, long groups, SymbolicTensor? input, SymbolicTensor? weights)
    {
        var (x, filter, g) = (node.Input(0), node.Input(1), node.Gradient);
        (string, AttributeValue)[] attributes =
        [
            ("filter", filter.Type.StaticShape!), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", window.Pads),
            ("group", groups),
        ];
        if (weights is not null)
            x.Graph.Offer("ConvolutionForward", [x, filter, node.HasInput(2) ? node.Input(2) : null], [node.Output()], attributes);
        // Where the shape is known, the input itself need not be kept until then.
        if (window.Axes.All(axis => x.Shape[axis].IsStatic))
            input?.OrBy("ConvolutionInputGradient", [g, filter], [.. attributes, ("extents", (long[])[.. window.Axes.Select(x.Extent)])]);
        else
            input?.OrBy("ConvolutionInputGradient", [g, filter, x], attributes);
        weights?.OrBy("ConvolutionFilterGradient", [g, x], attributes);
    }
}
