using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Puts a part back to where it was taken from, with zeros around it.</summary>
internal static class Placement
{
    /// <summary>
    /// Zeros in the shape of <paramref name="whole"/> with <paramref name="part"/> in them, which begins along each of
    /// <paramref name="axes"/> at the element of the same place in <paramref name="starts"/> (negative counts from the end, what is
    /// outside is moved to the border).
    /// </summary>
    public static SymbolicTensor Embed(SymbolicTensor part, SymbolicTensor whole, int[] axes, long[] starts)
    {
        if (axes.Length == 0)
            return part;
        if (!axes.All(axis => whole.Shape[axis].IsStatic && part.Type.Shape is { } shape && shape[axis].IsStatic))
            return Embed(part, whole, axes, part.Graph.Integers(starts));

        var before = new long[axes.Length];
        var after = new long[axes.Length];
        for (int index = 0; index < axes.Length; index++)
        {
            long extent = whole.Extent(axes[index]);
            before[index] = Math.Clamp(starts[index] < 0 ? starts[index] + extent : starts[index], 0, extent);
            after[index] = extent - before[index] - part.Extent(axes[index]);
        }

        return part.Pad(axes, before, after).WithType(whole.Type);
    }

    /// <summary>The same with starts known only at run time: a list of 64-bit integers.</summary>
    public static SymbolicTensor Embed(SymbolicTensor part, SymbolicTensor whole, int[] axes, SymbolicTensor starts)
    {
        var graph = part.Graph;
        var places = graph.Integers([.. axes.Select(static axis => (long)axis)]);
        var integers = TensorType.Of(ElementType.Int64, axes.Length);
        var extents = graph.Node("Gather", [whole.ShapeOf(), places], integers, ("axis", 0L));
        var taken = graph.Node("Gather", [part.ShapeOf(), places], integers, ("axis", 0L));
        var zero = starts.Like(0);
        var fromStart = starts.IsLessThan(zero).Choose(starts + extents, starts);
        var before = graph.Node("Min", [graph.Node("Max", [fromStart, zero], integers), extents], integers);
        var pads = SymbolicTensor.Concat(0, before, extents - before - taken);
        return graph.Node("Pad", [part, pads, null, places], whole.Type, ("mode", "constant"));
    }
}
