using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <content>Regions over several axes at once: slices, padding, reversal.</content>
public sealed partial class SymbolicTensor
{
    /// <summary>Elements from starts up to but without ends along several axes, as ONNX Slice counts them.</summary>
    public SymbolicTensor Slice(int[] axes, long[] starts, long[] ends, long[] steps)
    {
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(ends);
        ArgumentNullException.ThrowIfNull(steps);
        var shape = Type.Shape?.ToArray();
        for (int index = 0; shape is not null && index < axes.Length; index++)
            shape[axes[index]] = SliceExtent(shape[axes[index]], starts[index], ends[index], steps[index]);
        return Graph.Node(
            "Slice", [this, Graph.Integers(starts), Graph.Integers(ends), Longs(axes), Graph.Integers(steps)], new TensorType(ElementType, shape));
    }

    /// <summary>Zeros added before and after along several axes; negative counts cut elements off instead.</summary>
    public SymbolicTensor Pad(int[] axes, long[] before, long[] after)
    {
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.All(static count => count == 0) && after.All(static count => count == 0))
            return this;
        var shape = Type.Shape?.ToArray();
        for (int index = 0; shape is not null && index < axes.Length; index++)
        {
            if (shape[axes[index]] is { IsStatic: true, Extent: long extent })
                shape[axes[index]] = Math.Max(0, extent + before[index] + after[index]);
            else if (before[index] != 0 || after[index] != 0)
                shape[axes[index]] = Dimension.Unknown;
        }

        return Graph.Node(
            "Pad", [this, Graph.Integers([.. before, .. after]), null, Longs(axes)], new TensorType(ElementType, shape), ("mode", "constant"));
    }

    /// <summary>The elements in reverse order along the given axes. Axes of one element need no reversal and are left out.</summary>
    public SymbolicTensor Flip(params int[] axes)
    {
        int[] reversed = [.. axes.Where(axis => !Shape[axis].Is(1))];
        if (reversed.Length == 0)
            return this;
        var steps = Enumerable.Repeat(-1L, reversed.Length).ToArray();
        return Slice(reversed, steps, [.. Enumerable.Repeat(long.MinValue + 1, reversed.Length)], steps);
    }
}
