using OrtAdaMomentum.Gradients.Convolution;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>Average pooling: the gradient of a window, divided by the number of elements averaged, goes to each of them.</summary>
internal static class AveragePoolGradient
{
    public static readonly GradientRule Rule = new("AveragePool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var window = SlidingWindow.Of(node, node.Integers("kernel_shape")!, x);
        return [Spread(DividedByCount(node, g, window, x), window, x, node.Integer("ceil_mode", 0) != 0)];
    });

    private static SymbolicTensor DividedByCount(GradientContext node, SymbolicTensor g, SlidingWindow window, SymbolicTensor x)
    {
        bool countsPadding = node.Integer("count_include_pad", 0) != 0;
        bool overhangs = node.Integer("ceil_mode", 0) != 0;
        bool padded = window.Begin.Concat(window.End).Any(static count => count != 0);
        if (!overhangs && (countsPadding || !padded))
            return g / window.TapCount;
        if (overhangs || window.Axes.All(axis => x.Shape[axis].IsStatic))
            return g / CountsFromExtents(node.Output(), window, x, countsPadding);

        // Extents not known before the run: averaging ones over the padding too counts the elements inside.
        var spatial = x.Graph.Node("Shape", [x], TensorType.Of(ElementType.Int64, window.Kernel.Length), ("start", 2L));
        var shape = x.Graph.Node("Concat", [x.Graph.Integers(1, 1), spatial], TensorType.Of(ElementType.Int64, x.Rank), ("axis", 0L));
        var ones = x.Graph.Node(
            "ConstantOfShape", [shape], new TensorType(x.ElementType, [1, 1, .. x.Shape.Skip(2)]),
            ("value", AttributeValue.TensorOf(1, x.ElementType)));
        var inside = x.Graph.Node(
            "AveragePool", [ones], new TensorType(x.ElementType, [1, 1, .. g.Shape.Skip(2)]),
            ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations),
            ("pads", (long[])[.. window.Begin, .. window.End]), ("count_include_pad", 1L));
        return g / (inside * window.TapCount);
    }

    /// <summary>How many elements each window averages: the taps inside the input (or its padding) along each axis, never those beyond.</summary>
    private static SymbolicTensor CountsFromExtents(SymbolicTensor y, SlidingWindow window, SymbolicTensor x, bool countsPadding)
    {
        double[] counts = [1];
        long[] shape = [1, 1, .. window.Axes.Select(y.Extent)];
        for (int axis = 0; axis < window.Kernel.Length; axis++)
        {
            long first = countsPadding ? -window.Begin[axis] : 0;
            long last = x.Extent(axis + 2) - 1 + (countsPadding ? window.End[axis] : 0);
            var along = new double[y.Extent(axis + 2)];
            for (long output = 0; output < along.Length; output++)
            {
                for (long tap = 0; tap < window.Kernel[axis]; tap++)
                {
                    long place = (output * window.Strides[axis]) - window.Begin[axis] + (tap * window.Dilations[axis]);
                    along[output] += place >= first && place <= last ? 1 : 0;
                }
            }

            counts = [.. counts.SelectMany(count => along.Select(more => count * more))];
        }

        return x.Graph.Numbers(counts, x.ElementType, shape);
    }

    private static SymbolicTensor Spread(SymbolicTensor g, SlidingWindow window, SymbolicTensor x, bool overhangs)
    {
        if (overhangs)
        {
            // The last window may reach beyond the padding.
            long[] end = [.. window.End.Select((count, axis) => Math.Max(
                count, ((g.Extent(axis + 2) - 1) * window.Strides[axis]) + window.Reach(axis) + 1 - x.Extent(axis + 2) - window.Begin[axis]))];
            window = window with { End = end };
        }

        // Channels do not mix: each becomes an image of its own under one filter of ones. With one channel the transposed convolution is the
        // faster form at any stride, also than repeating elements where windows do not overlap.
        var images = x.Graph.Node(
            "Reshape", [g, Images(g)], new TensorType(g.ElementType, [Dimension.Unknown, 1, .. g.Shape.Skip(2)]));
        var ones = x.Graph.Filled(1, g.ElementType, [1, 1, .. window.Kernel]);
        return ConvolutionInputGradient.ByTransposedConvolution(images, ones, window, 1, x).ReshapeLike(x);
    }

    /// <summary>The shape [batch * channels, 1, ...].</summary>
    private static SymbolicTensor Images(SymbolicTensor g)
    {
        var spatial = g.Graph.Node("Shape", [g], TensorType.Of(ElementType.Int64, g.Rank - 2), ("start", 2L));
        return g.Graph.Node("Concat", [g.Graph.Integers(-1, 1), spatial], TensorType.Of(ElementType.Int64, g.Rank), ("axis", 0L));
    }
}
