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
        var gradient = WindowSpread.Of(DividedByCount(node, g, window, x), window, x, node.Integer("ceil_mode", 0) != 0);
        if (window is { Kernel.Length: 2, AtRunTime: null } && node.Integer("ceil_mode", 0) == 0)
        {
            gradient.OrBy(
                "AveragePoolBackward", [g, x], ("kernel", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations),
                ("pads", window.Pads), ("count_include_pad", node.Integer("count_include_pad", 0)));
        }

        return [gradient];
    });

    private static SymbolicTensor DividedByCount(GradientContext node, SymbolicTensor g, SlidingWindow window, SymbolicTensor x)
    {
        bool countsPadding = node.Integer("count_include_pad", 0) != 0;
        bool overhangs = node.Integer("ceil_mode", 0) != 0;
        bool padded = window.AtRunTime is not null || window.Begin.Concat(window.End).Any(static count => count != 0);
        if (!overhangs && (countsPadding || !padded))
            return g / window.TapCount;
        var y = node.Output();
        return window.AtRunTime is null && window.Axes.All(axis => x.Shape[axis].IsStatic && y.Shape[axis].IsStatic)
            ? g / CountsFromExtents(y, window, x, countsPadding)
            : g / CountsAtRunTime(y, window, x, countsPadding, overhangs);
    }

    /// <summary>Ones where elements are counted and zeros around them, summed by the windows.</summary>
    private static SymbolicTensor CountsAtRunTime(SymbolicTensor y, SlidingWindow window, SymbolicTensor x, bool countsPadding, bool overhangs)
    {
        int rank = window.Kernel.Length;
        var graph = x.Graph;
        var ones = graph.Node(
            "ConstantOfShape", [SymbolicTensor.Concat(0, graph.Integers(1, 1), window.Extents(countsPadding ? window.Pad(x) : x))],
            new TensorType(x.ElementType, [1, 1, .. new Dimension[rank]]), ("value", AttributeValue.TensorOf(1, x.ElementType)));

        // A window that overhangs lacks less than a stride. There may then be one more window than the operator has, which is cut off.
        long[] beyond = [.. window.Strides.Select(stride => overhangs ? stride - 1 : 0)];
        var counted = countsPadding ? ones.Pad(window.Axes, new long[rank], beyond) : window.Pad(ones, beyond);
        var means = graph.Node(
            "AveragePool", [counted], new TensorType(x.ElementType, [1, 1, .. new Dimension[rank]]),
            ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations));
        if (overhangs)
            means = graph.Node("Slice", [means, graph.Integers(new long[rank]), window.Extents(y), window.SpatialAxes(x)], means.Type);
        return means * window.TapCount;
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
}
