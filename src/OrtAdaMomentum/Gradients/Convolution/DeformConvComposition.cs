using OrtAdaMomentum.Gradients.Normalization;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>
/// Convolution whose taps are shifted by fractions of a pixel and weighted: samples of the image at the shifted places, times the filter.
/// </summary>
internal static class DeformConvComposition
{
    public static readonly Composition Rule = new("DeformConv", static node =>
    {
        var (x, filter, offset) = (node.Input(0), node.Input(1), node.Input(2));
        var mask = node.HasInput(4) ? node.Input(4) : null;
        long groups = node.Integer("group", 1), offsetGroups = node.Integer("offset_group", 1);
        long taps = filter.Extent(2) * filter.Extent(3);
        var (rows, columns) = (Coordinates(node, 0, filter, offset, x), Coordinates(node, 1, filter, offset, x));
        var grid = SymbolicTensor.Concat(3, Flat(columns).Unsqueeze(3), Flat(rows).Unsqueeze(3));

        long channels = filter.Extent(1) * groups;
        var samples = SymbolicTensor.Concat(
            1, [.. Enumerable.Range(0, (int)offsetGroups).Select(group => Samples(x, grid, mask, channels, offsetGroups, group, taps))]);
        var matrix = filter.Reshape(groups, filter.Extent(0) / groups, channels / groups * taps);
        var product = matrix.MatMul(samples.Reshape(0, groups, channels / groups * taps, -1));
        var image = ToImage(product, filter.Extent(0), offset);
        return [node.HasInput(3) ? image + Channels.Broadcast(node.Input(3), image) : image];
    });

    /// <summary>
    /// Where the taps lie along a spatial axis, from -1 at the first edge of the image to 1 at the last, as sampling wants it:
    /// [batch, offset groups * taps, output rows, output columns].
    /// </summary>
    private static SymbolicTensor Coordinates(NodeContext node, int axis, SymbolicTensor filter, SymbolicTensor offset, SymbolicTensor x)
    {
        long stride = node.Integers("strides")?[axis] ?? 1, dilation = node.Integers("dilations")?[axis] ?? 1;
        long begin = node.Integers("pads")?[axis] ?? 0;
        long width = filter.Extent(3), taps = filter.Extent(2) * width, all = taps * node.Integer("offset_group", 1);
        double[] atTap = [.. Enumerable.Range(0, (int)all).Select(place =>
            (double)(((axis == 0 ? place % taps / width : place % width) * dilation) - begin))];

        var graph = x.Graph;
        var outputs = graph.CountTo(offset.ExtentOf(axis + 2).Squeeze(0), offset.Shape[axis + 2]).Cast(x.ElementType) * stride;
        var places = graph.Numbers(atTap, x.ElementType, [all, 1, 1]) + (axis == 0 ? outputs.Unsqueeze(1) : outputs);

        // Offsets of rows and columns take turns.
        var shifted = offset.Slice(1, axis, long.MaxValue, 2) + places;
        var extent = x.ExtentOf(axis + 2).Cast(x.ElementType);
        return (((shifted * 2) + 1) / extent) - 1;
    }

    /// <summary>What the taps of an offset group see: [batch, channels of the group, taps, outputs].</summary>
    private static SymbolicTensor Samples(
        SymbolicTensor x, SymbolicTensor grid, SymbolicTensor? mask, long channels, long offsetGroups, int group, long taps)
    {
        SymbolicTensor Part(SymbolicTensor whole, long size) => offsetGroups == 1 ? whole : whole.Slice(1, group * size, (group + 1) * size);

        var image = Part(x, channels / offsetGroups);
        var places = Part(grid, taps);
        var samples = x.Graph.Node(
            "GridSample", [image, places], new TensorType(x.ElementType, [x.Shape[0], channels / offsetGroups, taps, places.Shape[2]]),
            ("mode", "linear"), ("padding_mode", "zeros"), ("align_corners", 0L));
        return mask is null ? samples : samples * Part(Flat(mask), taps).Unsqueeze(1);
    }

    /// <summary>Both spatial axes made one.</summary>
    private static SymbolicTensor Flat(SymbolicTensor values) => values.Reshape(0, 0, -1);

    private static SymbolicTensor ToImage(SymbolicTensor values, long channels, SymbolicTensor offset)
    {
        if (offset.Shape[2].IsStatic && offset.Shape[3].IsStatic)
            return values.Reshape(0, channels, offset.Extent(2), offset.Extent(3));
        var shape = SymbolicTensor.Concat(0, offset.ExtentOf(0), offset.Graph.Integers(channels), offset.ExtentOf(2), offset.ExtentOf(3));
        return offset.Graph.Node(
            "Reshape", [values, shape], new TensorType(values.ElementType, [offset.Shape[0], channels, offset.Shape[2], offset.Shape[3]]));
    }
}
