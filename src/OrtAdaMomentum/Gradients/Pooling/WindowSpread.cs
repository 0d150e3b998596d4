using OrtAdaMomentum.Gradients.Convolution;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>Gradients of poolings that treat all elements of a window alike: what an output passes back goes to every element of its window.</summary>
internal static class WindowSpread
{
    /// <summary>Sums for every element of <paramref name="x"/> the values of <paramref name="g"/> in whose windows it lies.</summary>
    /// <param name="g">One value per window.</param>
    /// <param name="window">The windows.</param>
    /// <param name="x">What the windows move over, for its shape.</param>
    /// <param name="overhangs">Whether the last window may reach beyond the padding.</param>
    public static SymbolicTensor Of(SymbolicTensor g, SlidingWindow window, SymbolicTensor x, bool overhangs)
    {
        if (overhangs && window.Axes.All(axis => x.Shape[axis].IsStatic && g.Shape[axis].IsStatic))
        {
            long[] end = [.. window.End.Select((count, axis) => Math.Max(
                count, ((g.Extent(axis + 2) - 1) * window.Strides[axis]) + window.Reach(axis) + 1 - x.Extent(axis + 2) - window.Begin[axis]))];
            window = window with { End = end };
        }

        // With one channel the transposed convolution is the faster form at any stride, also than repeating elements where windows do not overlap.
        var ones = x.Graph.Filled(1, g.ElementType, [1, 1, .. window.Kernel]);
        return ConvolutionInputGradient.ByTransposedConvolution(Images(g), ones, window, 1, x).ReshapeLike(x);
    }

    /// <summary>Every channel as an image of its own: [batch * channels, 1, ...]. Channels that do not mix need but one filter then.</summary>
    public static SymbolicTensor Images(SymbolicTensor tensor)
    {
        Dimension[] spatial = [.. tensor.Shape.Skip(2)];
        if (spatial.All(static dimension => dimension.IsStatic))
            return tensor.Reshape([-1, 1, .. spatial.Select(static dimension => dimension.Extent)]);
        var extents = tensor.Graph.Node("Shape", [tensor], TensorType.Of(ElementType.Int64, spatial.Length), ("start", 2L));
        var shape = tensor.Graph.Node(
            "Concat", [tensor.Graph.Integers(-1, 1), extents], TensorType.Of(ElementType.Int64, tensor.Rank), ("axis", 0L));
        return tensor.Graph.Node("Reshape", [tensor, shape], new TensorType(tensor.ElementType, [Dimension.Unknown, 1, .. spatial]));
    }
}
