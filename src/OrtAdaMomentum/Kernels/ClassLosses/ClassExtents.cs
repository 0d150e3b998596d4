using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.ClassLosses;

/// <summary>A tensor of scores seen as [outer, classes, inner]; its positions are [outer, inner].</summary>
internal readonly record struct ClassExtents(nint Outer, nint Classes, nint Inner)
{
    /// <summary>Positions that lie side by side and are handled together: several vectors, and whole cache lines.</summary>
    public const int Strip = 64;

    /// <summary>Number of positions.</summary>
    public nint Positions => Outer * Inner;

    /// <summary>Strips of an outer place.</summary>
    public nint Strips => (Inner + Strip - 1) / Strip;

    /// <summary>The work cut by positions: rows of classes where these lie side by side, else strips of neighbouring positions.</summary>
    public Pieces Pieces => Inner == 1 ? new(Outer, Classes) : new(Outer * Strips, Classes * Strip);

    /// <summary>Takes the extents of a tensor whose classes lie along an axis.</summary>
    public static ClassExtents Of(KernelShape shape, int axis)
    {
        if (axis < 0 || axis >= shape.Rank)
            throw new FineTuningException($"There is no axis {axis}, expected one of {shape.Rank}.");
        return new((nint)shape.Product(0, axis), (nint)shape[axis], (nint)shape.Product(axis + 1, shape.Rank));
    }

    /// <summary>Checks that each position has one of the classes, as memory is looked up by it; negative ones count from the end.</summary>
    public void Check(ReadOnlySpan<long> labels)
    {
        if (labels.Length != Positions)
            throw new FineTuningException($"There are {labels.Length} labels, expected {Positions}.");
        foreach (long label in labels)
        {
            if (label < -Classes || label >= Classes)
                throw new FineTuningException($"Label {label} is none of {Classes} classes.");
        }
    }
}
