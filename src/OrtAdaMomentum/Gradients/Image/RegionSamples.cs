using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>Where RoiAlign samples an image along its rows or its columns: [regions, bins, samples].</summary>
/// <param name="Places">The samples' places, moved into the image.</param>
/// <param name="Counts">Whether a sample counts: those far outside the image and those that a region does not have are worth nothing.</param>
/// <param name="Exists">Whether a region has the sample at all: [regions, 1, samples]; null where all regions have the same number.</param>
/// <param name="SampleCount">Number of samples of a bin: a scalar, or by region.</param>
/// <param name="Bins">Number of bins.</param>
/// <param name="Extent">Extent of the image, a list of one.</param>
internal sealed record RegionSamples(
    SymbolicTensor Places, SymbolicTensor Counts, SymbolicTensor? Exists, SymbolicTensor SampleCount, long Bins, SymbolicTensor Extent)
{
    /// <summary>The samples along the rows (0) or the columns (1).</summary>
    public static RegionSamples Of(GradientContext node, int axis)
    {
        var (x, rois) = (node.Input(0), node.Input(1));
        string mode = node.Text("coordinate_transformation_mode", "half_pixel");
        long bins = node.Integer(axis == 0 ? "output_height" : "output_width", 1);

        // A region is x1, y1, x2, y2.
        var scaled = rois * node.Number("spatial_scale", 1);
        var start = Column(scaled, 1 - axis);
        var size = Column(scaled, 3 - axis) - start;
        if (mode == "half_pixel")
            start -= 0.5;
        else
            size = size.Graph.Node("Max", [size, size.Like(1)], size.Type);
        var bin = size / bins;

        var (within, exists, count) = node.Integer("sampling_ratio", 0) is > 0 and var ratio
            ? (Evenly(rois, bins, ratio), null, rois.Like(ratio))
            : AsManyAsPixels(bin, bins);
        var places = start + (bin * within);
        var extent = x.ExtentOf(axis + 2).Cast(places.ElementType);
        var counts = places.Graph.Node("GreaterOrEqual", [places, places.Like(-1)], new TensorType(ElementType.Bool, places.Type.Shape))
            .And(places.Graph.Node("LessOrEqual", [places, extent], new TensorType(ElementType.Bool, places.Type.Shape)));
        var inside = places.Graph.Node(
            "Min", [places.Graph.Node("Max", [places, places.Like(0)], places.Type), extent - 1], places.Type);
        return new RegionSamples(inside, exists is null ? counts : counts.And(exists), exists, count, bins, x.ExtentOf(axis + 2));
    }

    /// <summary>What a bin's average takes of every pixel of the image: [regions, bins, pixels].</summary>
    public SymbolicTensor Matrix(Dimension extent)
    {
        var distance = (Places.Unsqueeze(3) - Numbers(Extent, extent).Cast(Places.ElementType)).Abs();
        var shares = (1 - distance).Unary("Relu") * Counts.Cast(Places.ElementType).Unsqueeze(3);
        return shares.ReduceSum([2], keepDimensions: false) / SampleCount;
    }

    /// <summary>The two pixels on both sides of every sample, and their weights: [regions, bins, samples * 2].</summary>
    public (SymbolicTensor Pixels, SymbolicTensor Weights) Neighbours()
    {
        var below = Places.Unary("Floor");
        var fraction = Places - below;
        var first = below.Cast(ElementType.Int64);
        var second = first.Graph.Node("Min", [first + first.Like(1), Extent - Extent.Like(1)], first.Type);
        var counts = Counts.Cast(Places.ElementType);
        return (Pairs(first, second), Pairs((1 - fraction) * counts, fraction * counts));
    }

    /// <summary>Whether a region has the sample, for both pixels of every sample; null where all have the same number.</summary>
    public SymbolicTensor? NeighboursExist() => Exists is null ? null : Pairs(Exists, Exists);

    /// <summary>The numbers from 0 up to a count, as integers.</summary>
    public static SymbolicTensor Numbers(SymbolicTensor count, Dimension known)
    {
        var graph = count.Graph;
        return known.IsStatic
            ? graph.Integers([.. Enumerable.Range(0, (int)known.Extent).Select(static number => (long)number)])
            : graph.Node("Range", [count.Like(0), count.Squeeze(0), count.Like(1)], new TensorType(ElementType.Int64, [known]));
    }

    private static SymbolicTensor Pairs(SymbolicTensor first, SymbolicTensor second) =>
        SymbolicTensor.Concat(3, first.Unsqueeze(3), second.Unsqueeze(3)).Reshape(0, 0, -1);

    private static SymbolicTensor Column(SymbolicTensor rois, int column) =>
        rois.Graph.Node(
            "Gather", [rois, rois.Graph.Numbers([column], ElementType.Int64, 1, 1)],
            new TensorType(rois.ElementType, [rois.Shape[0], 1, 1]), ("axis", 1L));

    /// <summary>In units of bins, the same for every region: [bins, samples].</summary>
    private static SymbolicTensor Evenly(SymbolicTensor rois, long bins, long ratio)
    {
        var places = new double[bins * ratio];
        for (int index = 0; index < places.Length; index++)
            places[index] = (index / ratio) + (((index % ratio) + 0.5) / ratio);
        return rois.Graph.Numbers(places, rois.ElementType, bins, ratio);
    }

    /// <summary>One sample per pixel or part of it: in units of bins, those that a region has, and how many: [regions, bins, samples].</summary>
    private static (SymbolicTensor Within, SymbolicTensor? Exists, SymbolicTensor Count) AsManyAsPixels(SymbolicTensor bin, long bins)
    {
        var graph = bin.Graph;
        var own = bin.Unary("Ceil");
        var count = graph.Node("Max", [own, bin.Like(1)], bin.Type);
        var most = graph.Node("ReduceMax", [count], TensorType.Of(bin.ElementType), ("keepdims", 0L)).Cast(ElementType.Int64);
        var numbers = graph.Node(
            "Range", [most.Like(0), most, most.Like(1)], new TensorType(ElementType.Int64, [Dimension.Unknown])).Cast(bin.ElementType);
        double[] places = [.. Enumerable.Range(0, (int)bins).Select(static number => (double)number)];
        return (((numbers + 0.5) / count) + graph.Numbers(places, bin.ElementType, bins, 1), numbers.IsLessThan(own), count);
    }
}
