namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>Transposed convolution: its input gradient is an ordinary convolution; its filter sees input and output exchanged.</summary>
internal static class ConvTransposeGradient
{
    public static readonly GradientRule Rule = new("ConvTranspose", static node =>
    {
        var (x, filter, g) = (node.Input(0), node.Input(1), node.Gradient);
        long groups = node.Integer("group", 1);
        var kernel = node.Integers("kernel_shape") ?? [.. Enumerable.Range(2, filter.Rank - 2).Select(filter.Extent)];
        var (window, beyond) = WindowOf(node, kernel, x);

        // The windows of the forward pass move over the output: the gradient in that frame, padding included.
        var wide = g.Pad(window.Axes, window.Begin, window.End);
        SymbolicTensor? input = null, weights = null, bias = null;
        if (node.Needs(0))
        {
            input = x.Graph.Node(
                "Conv", [wide, filter], x.Type,
                ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations), ("group", groups));
        }

        if (node.Needs(1))
            weights = FilterGradient.Of(x, wide, window, groups, filter, beyond);
        if (node.Needs(2))
            bias = g.ReduceSum([0, .. window.Axes], keepDimensions: false);
        return [input, weights, bias];
    });

    /// <summary>The windows over the output, and how many elements at its end no window reaches.</summary>
    private static (SlidingWindow Window, long[] Beyond) WindowOf(GradientContext node, long[] kernel, SymbolicTensor x)
    {
        int rank = kernel.Length;
        var given = node.Integers("pads") ?? new long[2 * rank];
        var window = new SlidingWindow(
            kernel, SlidingWindow.Ones(node, "strides", rank), SlidingWindow.Ones(node, "dilations", rank), given[..rank], given[rank..]);
        var beyond = node.Integers("output_padding") ?? new long[rank];
        string mode = node.Text("auto_pad", "NOTSET");
        var target = node.Integers("output_shape")?[^rank..];
        if (target is null && mode is not ("SAME_UPPER" or "SAME_LOWER"))
            return (window, beyond);

        for (int axis = 0; axis < rank; axis++)
        {
            // The padding follows from the extent asked for; what is still missing is added at the end. Without one, a stride of elements
            // is asked for every element of the input, however many there are, and nothing is added.
            long full = window.Reach(axis) + 1 + beyond[axis] - window.Strides[axis];
            long output = 0;
            if (target is not null)
            {
                (full, output) = (full + (window.Strides[axis] * x.Extent(axis + 2)), target[axis]);
                beyond[axis] += Math.Max(0, output - full);
            }

            long total = Math.Max(0, full - output);
            window.Begin[axis] = mode == "SAME_UPPER" ? total / 2 : total - (total / 2);
            window.End[axis] = total - window.Begin[axis];
        }

        return (window, beyond);
    }
}
