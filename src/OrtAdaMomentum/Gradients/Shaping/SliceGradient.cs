using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Part of a tensor: the gradient goes back to its place, zeros elsewhere.</summary>
internal static class SliceGradient
{
    public static readonly GradientRule Rule = new("Slice", static node => [Differentiate(node)]) { SteeringInputs = [1, 2, 3, 4] };

    private static SymbolicTensor Differentiate(GradientContext node)
    {
        var x = node.Input(0);
        if (x.Type.Shape is null || Axes(node, x.Rank) is not { } axes || Steps(node, axes.Length) is not { } steps)
            return Scattered(node, x);

        var (starts, g) = (node.ConstantIntegers(1), node.Gradient);
        int[] stepped = [.. Enumerable.Range(0, axes.Length).Where(index => steps[index] != 1)];
        if (stepped.Length == 0)
            return starts is null ? Placement.Embed(g, x, axes, node.Input(1).Cast(ElementType.Int64)) : Placement.Embed(g, x, axes, starts);
        if (starts is null || stepped.Any(index => !x.Shape[axes[index]].IsStatic || !node.Output().Shape[axes[index]].IsStatic))
            return Scattered(node, x);

        // Axes with steps first: what they take is read back with zeros between.
        foreach (int index in stepped)
            g = Spread(g, axes[index], x.Extent(axes[index]), node.Output().Extent(axes[index]), starts[index], steps[index]);
        int[] rest = [.. Enumerable.Range(0, axes.Length).Except(stepped)];
        return Placement.Embed(g, x, [.. rest.Select(index => axes[index])], [.. rest.Select(index => starts[index])]).WithType(x.Type);
    }

    /// <summary>Undoes a slice with steps along one axis: every element of the axis looks up its gradient, those not taken a zero at the end.</summary>
    private static SymbolicTensor Spread(SymbolicTensor g, int axis, long extent, long count, long start, long step)
    {
        var sources = new long[extent];
        Array.Fill(sources, count);
        long place = start < 0 ? start + extent : start;
        place = step > 0 ? Math.Clamp(place, 0, extent) : Math.Clamp(place, 0, extent - 1);
        for (long index = 0; index < count; index++)
            sources[place + index * step] = index;
        var padded = extent == count ? g : g.Pad([axis], [0], [1]);
        var shape = g.Shape.ToArray();
        shape[axis] = extent;
        return g.Graph.Node("Gather", [padded, g.Graph.Integers(sources)], new TensorType(g.ElementType, shape), ("axis", (long)axis));
    }

    private static SymbolicTensor Scattered(GradientContext node, SymbolicTensor x) =>
        ElementSources.ScatterBack(x, node.Gradient, numbers =>
        {
            var parameters = Enumerable.Range(1, node.InputCount - 1).Select(index => node.HasInput(index) ? node.Input(index) : null);
            return node.Graph.Node("Slice", [numbers, .. parameters], new TensorType(ElementType.Int64, node.Output().Type.Shape));
        });

    /// <summary>The axes, counted from the first; null when only the run tells.</summary>
    private static int[]? Axes(GradientContext node, int rank)
    {
        if (node.HasInput(3))
            return node.ConstantIntegers(3)?.Select(axis => (int)(axis < 0 ? axis + rank : axis)).ToArray();
        return node.Input(1).Type.ElementCount is { } count ? [.. Enumerable.Range(0, (int)count)] : null;
    }

    private static long[]? Steps(GradientContext node, int count) =>
        node.HasInput(4) ? node.ConstantIntegers(4) : [.. Enumerable.Repeat(1L, count)];
}
