using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>
/// The matrix [outputs, inputs] that a Resize node multiplies an axis with: what the operator itself makes of the identity matrix. It
/// follows the runtime to the last rounding, also for sizes known only when the graph runs, and becomes a constant where they are fixed.
/// </summary>
internal static class ResizeMatrix
{
    public static SymbolicTensor Of(ResizeNode resize, int position)
    {
        int axis = resize.Axes[position];
        if (resize.KeepsRatio)
            return BesideOtherAxes(resize, position);
        if (!resize.IsGivenSizes && MayKeepExtent(resize, position))
            return BesideChangingAxis(resize, position);

        var scales = resize.IsGivenSizes ? null : Join(resize.Parameter(2, position), Ones(resize, 1));
        var sizes = resize.IsGivenSizes ? Join(resize.Output.ExtentOf(axis), resize.Input.ExtentOf(axis)) : null;
        return resize.Graph.Node(
            "Resize", [Identity(resize, axis), Region(resize, position, before: 0, after: 1), scales, sizes],
            new TensorType(ElementType.Float, [resize.Output.Shape[axis], resize.Input.Shape[axis]]), [.. resize.Attributes()]);
    }

    /// <summary>
    /// Whether the axis might keep its extent though its scale is not one. The runtime copies a tensor that keeps its whole shape, but
    /// interpolates along such an axis when another one changes.
    /// </summary>
    private static bool MayKeepExtent(ResizeNode resize, int position)
    {
        const float certainlySmaller = 0.999f, certainlyLarger = 2;
        if (resize.IsAntialiased)
            return false;
        if (resize.Scale(position) is not { } scale)
            return true;
        if (scale is <= certainlySmaller or >= certainlyLarger)
            return false;
        var extent = resize.Input.Shape[resize.Axes[position]];
        return !extent.IsStatic || (long)(scale * extent.Extent) == extent.Extent;
    }

    /// <summary>The identity with an axis of one element beside it, which grows where any axis of the input changes its extent.</summary>
    private static SymbolicTensor BesideChangingAxis(ResizeNode resize, int position)
    {
        int axis = resize.Axes[position];
        var growth = resize.Graph.Numbers([2], ElementType.Float, 1);
        if (!resize.ChangesShape)
        {
            var same = resize.Input.ShapeOf().IsEqualTo(resize.Output.ShapeOf()).Cast(ElementType.Float);
            growth -= resize.Graph.Node("ReduceMin", [same], TensorType.Of(ElementType.Float, 1), ("keepdims", 1L));
        }

        var basis = Identity(resize, axis).Unsqueeze(1, 2);
        var scales = Join(Ones(resize, 2), growth, resize.Parameter(2, position));
        var (inputs, outputs) = (resize.Input.Shape[axis], resize.Output.Shape[axis]);
        return FirstOf(resize.Graph.Node(
            "Resize", [basis, Region(resize, position, before: 3, after: 0), scales],
            new TensorType(ElementType.Float, [inputs, 1, Dimension.Unknown, outputs]), [.. resize.Attributes()]));
    }

    /// <summary>The identity, the same along all other axes that have a say in the common scale.</summary>
    private static SymbolicTensor BesideOtherAxes(ResizeNode resize, int position)
    {
        int axis = resize.Axes[position];
        int[] others = [.. Enumerable.Range(0, resize.Axes.Length).Where(other => other != position)];
        int rank = others.Length + 3;
        var extent = resize.Input.ExtentOf(axis);
        SymbolicTensor[] outer = [extent, resize.Graph.Integers(1)];
        var identity = Identity(resize, axis).Unsqueeze([.. Enumerable.Range(1, rank - 2)]);
        var basis = resize.Graph.Node(
            "Expand", [identity, Join([.. outer, .. others.Select(other => resize.Input.ExtentOf(resize.Axes[other])), extent])],
            new TensorType(
                ElementType.Float,
                [resize.Input.Shape[axis], 1, .. others.Select(other => resize.Input.Shape[resize.Axes[other]]), resize.Input.Shape[axis]]));
        var sizes = Join([.. others.Append(position).Select(each => resize.Parameter(3, each))]);
        long[] axes = [.. Enumerable.Range(2, rank - 2).Select(static place => (long)place)];
        return FirstOf(resize.Graph.Node(
            "Resize", [basis, Region(resize, position, before: rank - 1, after: 0), null, sizes],
            new TensorType(ElementType.Float, [resize.Input.Shape[axis], 1, .. new Dimension[others.Length], resize.Output.Shape[axis]]),
            [.. resize.Attributes(), ("keep_aspect_ratio_policy", resize.RatioPolicy), ("axes", axes)]));
    }

    /// <summary>Of [inputs, 1, ..., outputs] the first along all axes between, as [outputs, inputs].</summary>
    private static SymbolicTensor FirstOf(SymbolicTensor resized)
    {
        int[] between = [.. Enumerable.Range(2, resized.Rank - 3)];
        var zeros = new long[between.Length];
        var ones = Enumerable.Repeat(1L, between.Length).ToArray();
        var first = resized.Slice(between, zeros, ones, ones);
        first = first.WithType(first.Type with { Shape = [resized.Shape[0], 1, .. between.Select(static _ => Dimension.Of(1)), resized.Shape[^1]] });
        return first.Squeeze([1, .. between]).Transpose(1, 0);
    }

    private static SymbolicTensor Identity(ResizeNode resize, int axis)
    {
        var extent = resize.Input.ExtentOf(axis);
        var type = new TensorType(ElementType.Float, [resize.Input.Shape[axis], resize.Input.Shape[axis]]);
        var zeros = resize.Graph.Node("ConstantOfShape", [Join(extent, extent)], type, ("value", AttributeValue.TensorOf(0, ElementType.Float)));
        return resize.Graph.Node("EyeLike", [zeros], type);
    }

    /// <summary>The region to crop along the axis, all of the axes before and after it; null where the node has none.</summary>
    private static SymbolicTensor? Region(ResizeNode resize, int position, int before, int after)
    {
        if (!resize.HasRegion)
            return null;
        var (start, end) = (resize.Parameter(1, position), resize.Parameter(1, position + resize.Axes.Length));
        SymbolicTensor[] All(double value, int count) =>
            count == 0 ? [] : [resize.Graph.Filled(value, start.ElementType, count)];
        return Join([.. All(0, before), start, .. All(0, after), .. All(1, before), end, .. All(1, after)]);
    }

    private static SymbolicTensor Ones(ResizeNode resize, int count) => resize.Graph.Filled(1, ElementType.Float, count);

    /// <summary>One list of several, a constant where all of them are.</summary>
    private static SymbolicTensor Join(params SymbolicTensor[] parts)
    {
        var graph = parts[0].Graph;
        var constants = parts.Select(part => graph.InitializerOf(part.Name)).ToArray();
        if (constants.Any(static constant => constant is null))
            return SymbolicTensor.Concat(0, parts);
        double[] values = [.. constants.SelectMany(static constant => TensorData.ToDoubles(constant!))];
        return graph.Numbers(values, parts[0].ElementType, values.Length);
    }
}
