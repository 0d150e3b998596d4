using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>
/// Max pooling of regions that are cut into a grid of bins. The operator does not tell which elements it took, so the greatest of every bin
/// is looked for again: first down each column, then along the row of what was found. The regions are rounded and get no gradient.
/// </summary>
internal static class MaxRoiPoolGradient
{
    public static readonly GradientRule Rule = new("MaxRoiPool", static node =>
    {
        var (x, regions, g) = (node.Input(0), node.Input(1), node.Gradient);
        var pooled = node.Integers("pooled_shape")!;
        var corners = RoundHalfAway(regions * node.Number("spatial_scale", 1));
        var images = regions.Slice(1, 0, 1).Reshape(-1).Cast(ElementType.Int64);
        var picked = x.Graph.Node("Gather", [x, images], new TensorType(x.ElementType, [regions.Shape[0], .. x.Shape.Skip(1)]), ("axis", 0L));

        var rows = InBins(corners, 2, pooled[0], x).Unsqueeze(1, 4).Choose(picked.Unsqueeze(2), double.NegativeInfinity);
        var (columnMaxima, rowPlaces) = Greatest(rows, 3);
        var columns = InBins(corners, 3, pooled[1], x).Unsqueeze(1, 2).Choose(columnMaxima.Unsqueeze(3), double.NegativeInfinity);
        var (maxima, column) = Greatest(columns, 4);
        var row = x.Graph.Node("GatherElements", [rowPlaces, column], column.Type, ("axis", 3L));

        // An empty bin took no element.
        var taken = maxima.IsGreaterThan(double.NegativeInfinity).Choose(g, 0);
        var places = ((ChannelStarts(x, images) + row) * x.ExtentOf(3)) + column;
        var scattered = x.Graph.Node(
            "ScatterElements", [x.Graph.ZerosLike(x).Reshape(-1), places.Reshape(-1), taken.Reshape(-1)],
            new TensorType(x.ElementType, [Dimension.Unknown]), ("axis", 0L), ("reduction", "add"));
        return [scattered.ReshapeLike(x)];
    })
    {
        SteeringInputs = [1],
    };

    /// <summary>Which rows (or columns) of the image belong to each bin: [regions, bins, extent], as booleans.</summary>
    private static SymbolicTensor InBins(SymbolicTensor corners, int axis, long bins, SymbolicTensor x)
    {
        // A region is (image, column, row, last column, last row).
        var start = corners.Slice(1, 4 - axis, 5 - axis);
        var size = x.Graph.Node(
            "Max", [corners.Slice(1, 6 - axis, 7 - axis) - start + 1, start.Like(1)], start.Type) / bins;
        var first = x.Graph.Numbers([.. Enumerable.Range(0, (int)bins).Select(static bin => (double)bin)], x.ElementType, bins);
        var next = x.Graph.Numbers([.. Enumerable.Range(1, (int)bins).Select(static bin => (double)bin)], x.ElementType, bins);
        var begin = (first * size).Unary("Floor") + start;
        var end = (next * size).Unary("Ceil") + start;
        var places = Counting(x, axis).Cast(x.ElementType);
        return end.Unsqueeze(2).IsGreaterThan(places).And(begin.Unsqueeze(2).IsGreaterThan(places).Unary("Not"));
    }

    /// <summary>The numbers 0, 1, 2 … along an axis of the input.</summary>
    private static SymbolicTensor Counting(SymbolicTensor x, int axis) =>
        x.Graph.CountTo(x.ExtentOf(axis).Squeeze(0), x.Shape[axis]);

    private static (SymbolicTensor Maxima, SymbolicTensor Places) Greatest(SymbolicTensor values, int axis)
    {
        Dimension[] shape = [.. values.Shape.Where((_, place) => place != axis)];
        var places = values.Graph.Node("ArgMax", [values], new TensorType(ElementType.Int64, shape), ("axis", (long)axis), ("keepdims", 0L));
        return (values.ReduceMax([axis], keepDimensions: false), places);
    }

    /// <summary>How many rows of images and channels lie before the channel that a region looks at: [regions, channels, 1, 1].</summary>
    private static SymbolicTensor ChannelStarts(SymbolicTensor x, SymbolicTensor images) =>
        (((images.Unsqueeze(1) * x.ExtentOf(1)) + Counting(x, 1)) * x.ExtentOf(2)).Unsqueeze(2, 3);

    /// <summary>Halves go away from zero, unlike those of Round, which go to the even number.</summary>
    private static SymbolicTensor RoundHalfAway(SymbolicTensor values) => values.Sign() * (values.Abs() + 0.5).Unary("Floor");
}
