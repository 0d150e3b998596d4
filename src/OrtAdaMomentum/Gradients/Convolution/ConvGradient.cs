namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>Convolution over any number of spatial axes.</summary>
internal static class ConvGradient
{
    private const long FewChannels = 16;

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
        if (window is { Kernel.Length: 2, AtRunTime: null } && filter.Type.IsStatic)
            OfferKernels(node, window, groups, input, weights);
        return [input, weights, bias];
    });

    /// <summary>
    /// Offers kernels where the convolution part of the bench shows that they win. The forward pass stays with the runtime, and so does
    /// whatever has few channels, of which a register of the kernels would stay empty.
    /// </summary>
    private static void OfferKernels(GradientContext node, SlidingWindow window, long groups, SymbolicTensor? input, SymbolicTensor? weights)
    {
        var (x, filter, g) = (node.Input(0), node.Input(1), node.Gradient);
        (string, AttributeValue)[] attributes =
        [
            ("filter", filter.Type.StaticShape!), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", window.Pads),
            ("group", groups),
        ];
        bool manyChannels = filter.Extent(1) >= FewChannels && filter.Extent(0) / groups >= FewChannels;
        bool depthwise = IsFastDepthwise(window, groups, filter);
        if ((manyChannels && !(window.TapCount == 1 && !window.HasUnitStrides))
            || (depthwise && window.Kernel[0] == 3 && window.HasUnitStrides && window.Begin.Max() <= 2))
            input?.OrBy("ConvolutionInputGradient", [g, filter, x], attributes);
        if (groups == 1 || filter.Extent(1) >= FewChannels || depthwise)
            weights?.OrBy("ConvolutionFilterGradient", [g, x], attributes);
    }

    /// <summary>A filter with one plane in and one out, of the usual extents: planes fill the registers where channels do not.</summary>
    private static bool IsFastDepthwise(SlidingWindow window, long groups, SymbolicTensor filter) =>
        filter.Extent(1) == 1 && filter.Extent(0) == groups && window.Dilations is [1, 1]
        && window.Kernel is [3, 3] or [5, 5] && window.Strides is [1, 1] or [2, 2];
}
