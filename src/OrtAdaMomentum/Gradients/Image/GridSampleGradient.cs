using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>
/// Samples an image at the points of a grid. Every sample is a weighted sum of pixels: its gradient is added to these pixels by the same
/// weights, and goes to the grid by the slopes of the weights.
/// </summary>
internal static class GridSampleGradient
{
    public static readonly GradientRule Rule = new("GridSample", static node =>
    {
        var (x, grid) = (node.Input(0), node.Input(1));
        int axes = x.Rank - 2;
        // All samples of an image in one row.
        var points = grid.Reshape(0, -1, axes);
        var gradient = node.Gradient.Reshape(0, 0, -1);

        // The grid's coordinates begin with the last axis of the image.
        SamplingTaps[] taps =
        [
            .. Enumerable.Range(0, axes).Select(axis => SamplingTaps.Of(
                Coordinate(points, axes - 1 - axis), x, axis + 2,
                node.Text("mode", "linear"), node.Text("padding_mode", "zeros"), node.Integer("align_corners", 0) != 0)),
        ];
        var pixels = PixelNumbers(taps, x);
        return
        [
            node.Needs(0) ? ToImage(gradient, taps, pixels, x) : null,
            node.Needs(1) && taps[0].Slopes is not null ? ToGrid(gradient, taps, pixels, x).ReshapeLike(grid) : null,
        ];
    })
    {
        Note = "nearest pixels give the grid no gradient",
    };

    private static SymbolicTensor Coordinate(SymbolicTensor points, int component) =>
        points.Graph.Node(
            "Gather", [points, points.Graph.Scalar(component, ElementType.Int64)],
            new TensorType(points.ElementType, [.. points.Shape.Take(2)]), ("axis", 2L));

    /// <summary>For every channel the numbers of the pixels read, counted through an image: [batch, channels, samples * taps].</summary>
    private static SymbolicTensor PixelNumbers(SamplingTaps[] taps, SymbolicTensor x)
    {
        var numbers = AlongAxis(taps[0].Places, 0, taps.Length);
        for (int axis = 1; axis < taps.Length; axis++)
            numbers = (numbers * x.ExtentOf(axis + 2)) + AlongAxis(taps[axis].Places, axis, taps.Length);

        // Repeated for every channel by adding zeros, which needs no shape.
        var channels = x.Graph.Node(
            "ConstantOfShape", [x.ExtentOf(1)], new TensorType(ElementType.Int64, [x.Shape[1]]),
            ("value", AttributeValue.TensorOf(0, ElementType.Int64)));
        return numbers.Reshape(0, 1, -1) + channels.Unsqueeze(1);
    }

    private static SymbolicTensor ToImage(SymbolicTensor gradient, SamplingTaps[] taps, SymbolicTensor pixels, SymbolicTensor x)
    {
        var updates = gradient;
        if (Product(taps, slope: -1) is { } weights)
            updates = (gradient.Unsqueeze(3) * weights.Reshape(0, 0, TapCount(taps)).Cast(x.ElementType).Unsqueeze(1)).Reshape(0, 0, -1);
        return x.Graph.Node(
            "ScatterElements", [x.Graph.ZerosLike(x).Reshape(0, 0, -1), pixels, updates],
            new TensorType(x.ElementType, [x.Shape[0], x.Shape[1], Dimension.Unknown]), ("axis", 2L), ("reduction", "add")).ReshapeLike(x);
    }

    private static SymbolicTensor ToGrid(SymbolicTensor gradient, SamplingTaps[] taps, SymbolicTensor pixels, SymbolicTensor x)
    {
        // What each tap's weight is worth: the pixel times the gradient, over all channels.
        var values = x.Graph.Node(
            "GatherElements", [x.Reshape(0, 0, -1), pixels], new TensorType(x.ElementType, pixels.Type.Shape), ("axis", 2L));
        var worth = (values.Reshape(0, 0, -1, TapCount(taps)) * gradient.Unsqueeze(3)).ReduceSum([1], keepDimensions: false);
        worth = worth.Reshape([0, 0, .. taps.Select(Taps)]);
        int[] all = [.. Enumerable.Range(2, taps.Length)];
        SymbolicTensor Along(int axis) => (worth * Product(taps, axis)!).ReduceSum(all, keepDimensions: false).Unsqueeze(2);
        return SymbolicTensor.Concat(2, [.. Enumerable.Range(0, taps.Length).Reverse().Select(Along)]);
    }

    /// <summary>
    /// The weights of all combinations of taps; along the axis <paramref name="slope"/>, if any, the slopes instead. Null where all are one.
    /// </summary>
    private static SymbolicTensor? Product(SamplingTaps[] taps, int slope)
    {
        SymbolicTensor? product = null;
        for (int axis = 0; axis < taps.Length; axis++)
        {
            if ((axis == slope ? taps[axis].Slopes : taps[axis].Weights) is not { } factors)
                continue;
            var along = AlongAxis(factors, axis, taps.Length);
            product = product is null ? along : product * along;
        }

        return product;
    }

    /// <summary>The taps of one axis in a tensor that has room for the taps of all.</summary>
    private static SymbolicTensor AlongAxis(SymbolicTensor taps, int axis, int count) =>
        taps.Unsqueeze([.. Enumerable.Range(0, count).Where(other => other != axis).Select(other => taps.Rank - 1 + other)]);

    private static long Taps(SamplingTaps taps) => taps.Places.Extent(2);

    private static long TapCount(SamplingTaps[] taps) => taps.Aggregate(1L, static (product, each) => product * Taps(each));
}
