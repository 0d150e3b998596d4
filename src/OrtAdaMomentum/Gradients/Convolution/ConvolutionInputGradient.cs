using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>The gradient of what a convolution moves over: every output gradient spread back over its window.</summary>
internal static class ConvolutionInputGradient
{
    /// <summary>Spreads <paramref name="g"/> back to the spatial extents of <paramref name="input"/>.</summary>
    public static SymbolicTensor Of(SymbolicTensor g, SymbolicTensor filter, SlidingWindow window, long groups, SymbolicTensor input) =>
        window.HasUnitStrides ? ByConvolution(g, filter, window, groups, input) : ByTransposedConvolution(g, filter, window, groups, input);

    /// <summary>At stride 1 the gradient is itself a convolution, with the filter turned round: faster than a transposed one.</summary>
    private static SymbolicTensor ByConvolution(SymbolicTensor g, SymbolicTensor filter, SlidingWindow window, long groups, SymbolicTensor input)
    {
        int rank = window.Kernel.Length;
        var pads = new long[2 * rank];
        var (cutBegin, cutEnd) = (new long[rank], new long[rank]);
        for (int axis = 0; axis < rank; axis++)
        {
            // More padding than the kernel reaches over: those outputs saw padding only, and are cut off.
            (pads[axis], cutBegin[axis]) = Split(window.Reach(axis) - window.Begin[axis]);
            (pads[rank + axis], cutEnd[axis]) = Split(window.Reach(axis) - window.End[axis]);
        }

        return g.Graph.Node(
            "Conv", [g.Pad(window.Axes, cutBegin, cutEnd), ExchangeChannels(filter, groups).Flip(window.Axes)], ResultType(g, filter, groups, input),
            ("kernel_shape", window.Kernel), ("dilations", window.Dilations), ("pads", pads), ("group", groups));
    }

    /// <summary>At any stride the gradient is a transposed convolution with the same filter.</summary>
    public static SymbolicTensor ByTransposedConvolution(
        SymbolicTensor g, SymbolicTensor filter, SlidingWindow window, long groups, SymbolicTensor input)
    {
        int rank = window.Kernel.Length;
        var result = ResultType(g, filter, groups, input);
        bool known = window.AtRunTime is null && window.Axes.All(axis => input.Shape[axis].IsStatic);
        var missing = new long[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            // Elements at the end that no window reaches, because the stride does not divide what is left. Not knowing how many, take the most.
            missing[axis] = known
                ? (input.Extent(axis + 2) + window.Begin[axis] + window.End[axis] - window.Reach(axis) - 1) % window.Strides[axis]
                : window.Strides[axis] - 1;
        }

        long[] pads = known ? [.. window.Begin, .. window.End] : new long[2 * rank];
        var spread = g.Graph.Node(
            "ConvTranspose", [g, filter], known ? result : result with { Shape = [result.Shape![0], result.Shape[1], .. new Dimension[rank]] },
            ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", pads),
            ("output_padding", missing), ("group", groups));
        if (known)
            return spread;

        var begin = window.AtRunTime?.Begin ?? g.Graph.Integers(window.Begin);
        return g.Graph.Node("Slice", [spread, begin, window.Extents(input) + begin, window.SpatialAxes(g)], result);
    }

    /// <summary>A filter [groups * rows, columns, ...] as [groups * columns, rows, ...].</summary>
    private static SymbolicTensor ExchangeChannels(SymbolicTensor filter, long groups)
    {
        if (groups == 1)
            return filter.Transpose([1, 0, .. Enumerable.Range(2, filter.Rank - 2)]);
        var (rows, columns) = (filter.Extent(0) / groups, filter.Extent(1));
        long[] kernel = [.. Enumerable.Range(2, filter.Rank - 2).Select(filter.Extent)];
        return filter.Reshape([groups, rows, columns, .. kernel])
            .Transpose([0, 2, 1, .. Enumerable.Range(3, kernel.Length)])
            .Reshape([groups * columns, rows, .. kernel]);
    }

    private static TensorType ResultType(SymbolicTensor g, SymbolicTensor filter, long groups, SymbolicTensor input) =>
        new(g.ElementType, [g.Shape[0], filter.Extent(1) * groups, .. input.Shape.Skip(2)]);

    private static (long Pad, long Cut) Split(long count) => (Math.Max(count, 0), Math.Min(count, 0));
}
