using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Parts of tensors.</summary>
internal static class SliceCases
{
    // Beyond any extent, as exporters write "to the end".
    private const long Far = 1L << 50;

    public static readonly GradientCase[] All =
    [
        new("Slice", "all axes by default", Any(4, 5), Integers(1, 2), Integers(3, 5)),
        new("Slice", "fewer starts than axes", Any(4, 5), Integers(1), Integers(3)),
        new("Slice", "one axis", Any(4, 5), Integers(1), Integers(4), Integers(1)),
        new("Slice", "negative axis", Any(4, 5), Integers(1), Integers(3), Integers(-1)),
        new("Slice", "several axes in no order", Any(3, 4, 5), Integers(1, 0), Integers(4, 2), Integers(2, 0)),
        new("Slice", "negative bounds", Any(4, 5), Integers(-3), Integers(-1), Integers(1)),
        new("Slice", "bounds out of range", Any(4, 5), Integers(-100, 2), Integers(100, Far), Integers(0, 1)),
        new("Slice", "whole axis", Any(4, 5), Integers(0), Integers(Far), Integers(1)),
        new("Slice", "32-bit bounds", Any(4, 5), Integers32Of([1], -2), Integers32Of([1], 100), Integers32Of([1], 1)),
        new("Slice", "step 2", Any(5, 3), Integers(0), Integers(5), Integers(0), Integers(2)),
        new("Slice", "step 3 from 1", Any(2, 8), Integers(1), Integers(100), Integers(1), Integers(3)),
        new("Slice", "reversed", Any(2, 4), Integers(-1), Integers(-Far), Integers(1), Integers(-1)),
        new("Slice", "step -2 from out of range", Any(6, 2), Integers(100), Integers(0), Integers(0), Integers(-2)),
        new("Slice", "step -1 inside", Any(6, 2), Integers(4), Integers(1), Integers(0), Integers(-1)),
        new("Slice", "steps on two axes", Any(4, 5), Integers(0, 4), Integers(4, 0), Integers(0, 1), Integers(2, -2)),
        new("Slice", "step on one axis, bounds on another", Any(4, 5, 2), Integers(1, 1), Integers(4, 4), Integers(0, 1), Integers(1, 2)),
        new("Slice", "step longer than the axis", Any(4, 2), Integers(1), Integers(2), Integers(0), Integers(5)),
        new("Slice", "bounds at run time", Any(4, 5), Integers(-3, 1).AsFed, Integers(100, 3).AsFed, Integers(0, 1)),
        new("Slice", "bounds at run time without axes", Any(4, 5), Integers(1, 1).AsFed, Integers(3, 3).AsFed),
        new("Slice", "steps at run time", Any(6, 2), Integers(5), Integers(0), Integers(0), Integers(-2).AsFed),
        new("Slice", "axes at run time", Any(4, 5), Integers(1), Integers(3), Integers(-1).AsFed),
    ];
}
