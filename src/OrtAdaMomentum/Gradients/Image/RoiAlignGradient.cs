using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>
/// Pools regions of interest. The regions themselves get no gradient: as everywhere else where this operator is trained they are proposals
/// taken as given, and with an adaptive number of samples the output jumps when they change.
/// </summary>
internal static class RoiAlignGradient
{
    public static readonly GradientRule Rule = new("RoiAlign", static node =>
        [node.Text("mode", "avg") == "max" ? OfMaximum(node) : OfAverage(node)])
    {
        SteeringInputs = [1],
        Note = "regions get no gradient",
    };

    /// <summary>
    /// An average is a product with one matrix for each axis of a region. The gradient is multiplied with that of the columns region by region,
    /// then with that of the rows for all regions at once, where a region's matrix is zero outside of its own image.
    /// </summary>
    private static SymbolicTensor OfAverage(GradientContext node)
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var (rows, columns) = (RegionSamples.Of(node, 0), RegionSamples.Of(node, 1));
        var spread = g.Transpose(0, 2, 1, 3).Reshape(0, -1, columns.Bins).MatMul(columns.Matrix(x.Shape[3]));

        var ofImage = rows.Matrix(x.Shape[2]);
        if (!x.Shape[0].Is(1))
        {
            var images = RegionSamples.Numbers(x.ExtentOf(0), x.Shape[0]);
            var isOwn = node.Input(2).Unsqueeze(1).IsEqualTo(images).Cast(x.ElementType);
            ofImage = ofImage.Unsqueeze(2) * isOwn.Unsqueeze(1, 3);
        }

        var summed = Rows(ofImage, x, 0, 2).TransposeMatrices().MatMul(Rows(spread, x, 1, 3));
        var shape = x.Type.StaticShape is { } known
            ? x.Graph.Integers(known[0], known[2], known[1], known[3])
            : x.Graph.Node("Gather", [x.ShapeOf(), x.Graph.Integers(0, 2, 1, 3)], TensorType.Of(ElementType.Int64, 4), ("axis", 0L));
        var byRows = new TensorType(x.ElementType, [x.Shape[0], x.Shape[2], x.Shape[1], x.Shape[3]]);
        return x.Graph.Node("Reshape", [summed, shape], byRows, ("allowzero", 1L)).Transpose(0, 2, 1, 3);
    }

    /// <summary>
    /// The maximum over all samples of a bin is taken of the four pixels around each, every one times its weight. It is found again among them,
    /// and the gradient goes to that one pixel.
    /// </summary>
    private static SymbolicTensor OfMaximum(GradientContext node)
    {
        var (x, graph) = (node.Input(0), node.Graph);
        var (rows, columns) = (RegionSamples.Of(node, 0), RegionSamples.Of(node, 1));
        var (rowPixels, rowWeights) = rows.Neighbours();
        var (columnPixels, columnWeights) = columns.Neighbours();
        SymbolicTensor ByBin(SymbolicTensor each) => each.Reshape(0, rows.Bins, columns.Bins, -1);

        // Pixels counted through all images, for every bin of every region.
        var ofImages = (node.Input(2).Unsqueeze(1, 2) * x.ExtentOf(2)) + rowPixels;
        var pixels = ByBin((ofImages.Unsqueeze(2, 4) * x.ExtentOf(3)) + columnPixels.Unsqueeze(1, 3));
        var weights = ByBin(rowWeights.Unsqueeze(2, 4) * columnWeights.Unsqueeze(1, 3));

        var byChannel = x.Transpose(1, 0, 2, 3);
        var images = byChannel.Reshape(0, -1);
        var values = graph.Node(
            "Gather", [images, pixels], new TensorType(x.ElementType, [x.Shape[1], .. pixels.Shape]), ("axis", 1L)) * weights;
        if (rows.NeighboursExist() is { } rowsExist && columns.NeighboursExist() is { } columnsExist)
            values = rowsExist.Unsqueeze(2, 4).And(columnsExist.Unsqueeze(1, 3)).Reshape(0, 1, 1, -1).Choose(values, double.NegativeInfinity);
        var taken = graph.Node(
            "ArgMax", [values], new TensorType(ElementType.Int64, [.. values.Shape.Take(4)]), ("axis", -1L), ("keepdims", 0L));

        // The candidates of all bins in one row: where those of each bin begin.
        var all = graph.Node("Size", [pixels], TensorType.Of(ElementType.Int64));
        var begins = graph.Node(
            "Range", [all.Like(0), all, pixels.ExtentOf(-1).Squeeze(0)], new TensorType(ElementType.Int64, [Dimension.Unknown]));
        var places = taken + begins.Reshape(-1, rows.Bins, columns.Bins);
        SymbolicTensor Pick(SymbolicTensor candidates) =>
            graph.Node("Gather", [candidates.Reshape(-1), places], new TensorType(candidates.ElementType, places.Type.Shape), ("axis", 0L));
        var updates = node.Gradient.Transpose(1, 0, 2, 3) * Pick(weights);
        return graph.Node(
            "ScatterElements", [graph.ZerosLike(images), Pick(pixels).Reshape(0, -1), updates.Reshape(0, -1)], images.Type,
            ("axis", 1L), ("reduction", "add")).ReshapeLike(byChannel).Transpose(1, 0, 2, 3);
    }

    /// <summary>As a matrix whose rows have as many elements as two axes of the image.</summary>
    private static SymbolicTensor Rows(SymbolicTensor values, SymbolicTensor x, int first, int second)
    {
        if (x.Shape[first].IsStatic && x.Shape[second].IsStatic)
            return values.Reshape(-1, x.Extent(first) * x.Extent(second));
        var shape = SymbolicTensor.Concat(0, x.Graph.Integers(-1), x.ExtentOf(first) * x.ExtentOf(second));
        return x.Graph.Node("Reshape", [values, shape], new TensorType(x.ElementType, new Dimension[2]));
    }
}
