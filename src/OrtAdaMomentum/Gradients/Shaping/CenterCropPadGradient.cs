using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Cropping and padding around the centre: what was cut off gets zeros, what was added is cut off.</summary>
internal static class CenterCropPadGradient
{
    public static readonly GradientRule Rule = new("CenterCropPad", static node =>
    {
        var (x, y, g) = (node.Input(0), node.Output(), node.Gradient);
        int[] axes = [.. (node.Integers("axes") ?? [.. Enumerable.Range(0, x.Rank)]).Select(axis => (int)(axis < 0 ? axis + x.Rank : axis))];
        if (y.Type.Shape is { } cropped && axes.All(axis => x.Shape[axis].IsStatic && cropped[axis].IsStatic))
        {
            long[] missing = [.. axes.Select(axis => x.Extent(axis) - y.Extent(axis))];
            long[] before = [.. missing.Select(static count => count / 2)];
            return [g.Pad(axes, before, [.. missing.Zip(before, static (count, first) => count - first)])];
        }

        // Halves are rounded towards zero in both directions, as the division of integers does.
        var places = x.Graph.Integers([.. axes.Select(static axis => (long)axis)]);
        var difference = ExtentsAt(x, places) - ExtentsAt(y, places);
        var front = difference / difference.Like(2);
        return [x.Graph.Node("Pad", [g, SymbolicTensor.Concat(0, front, difference - front), null, places], x.Type, ("mode", "constant"))];
    })
    {
        SteeringInputs = [1],
    };

    private static SymbolicTensor ExtentsAt(SymbolicTensor tensor, SymbolicTensor places) =>
        tensor.Graph.Node("Gather", [tensor.ShapeOf(), places], new TensorType(ElementType.Int64, places.Type.Shape), ("axis", 0L));
}
