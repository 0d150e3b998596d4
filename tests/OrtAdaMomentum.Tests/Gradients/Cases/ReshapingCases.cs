using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Operators that give elements another shape or order.</summary>
internal static class ReshapingCases
{
    public static readonly GradientCase[] All =
    [
        new("Reshape", "to a vector", Any(2, 3), Integers(-1)),
        new("Reshape", "kept and open axes", Any(2, 3, 4), Integers(0, -1, 2)),
        new("Reshape", "more axes", Any(4, 3), Integers(2, 2, 3)),
        new("Reshape", "shape at run time", Any(2, 3), Integers(3, 2).AsFed),
        new("Reshape", "scalar to one element", Any(), Integers(1)),
        new("Reshape", "one element to scalar", Any(1, 1), IntegersOf([0])),
        new GradientCase("Reshape", "zeros allowed", Any(2, 3), Integers(6)).With(("allowzero", 1L)),
        new("Flatten", "default axis", Any(2, 3, 2)),
        new GradientCase("Flatten", "axis 0", Any(2, 3)).With(("axis", 0L)),
        new GradientCase("Flatten", "axis 2", Any(2, 3, 2)).With(("axis", 2L)),
        new GradientCase("Flatten", "negative axis", Any(2, 3, 2)).With(("axis", -1L)),
        new("Transpose", "default", Any(2, 3, 4)),
        new GradientCase("Transpose", "cycle of three", Any(2, 3, 4)).With(("perm", new long[] { 1, 2, 0 })),
        new GradientCase("Transpose", "swap in rank 4", Any(2, 3, 2, 2)).With(("perm", new long[] { 0, 2, 1, 3 })),
        new GradientCase("Transpose", "identity", Any(2, 3)).With(("perm", new long[] { 0, 1 })),
        new GradientCase("Squeeze", "all axes of 1", Any(2, 1, 3, 1)) with { StaticOnly = "which axes go depends on their extents" },
        new("Squeeze", "one axis", Any(2, 1, 3, 1), Integers(1)),
        new("Squeeze", "negative axes", Any(2, 1, 3, 1), Integers(-1, -3)),
        new("Unsqueeze", "first", Any(2, 3), Integers(0)),
        new("Unsqueeze", "several, negative, in no order", Any(2, 3), Integers(-1, 1)),
        new("Unsqueeze", "scalar", Any(), Integers(0)),
        new("Unsqueeze", "axes at run time", Any(2, 3), Integers(1, -1).AsFed),
        new("Expand", "size 1", Any(2, 1, 3), Integers(2, 4, 3)),
        new("Expand", "leading axes", Any(3), Integers(2, 4, 3)),
        new("Expand", "scalar", Any(), Integers(2, 3)),
        new("Expand", "shape smaller than the input", Any(2, 3), Integers(1, 1)),
        new("Expand", "both ways", Any(2, 1), Integers(3, 1, 4)),
        new("Expand", "shape at run time", Any(2, 1, 3), Integers(2, 4, 1).AsFed),
        new("Tile", "vector", Any(3), Integers(2)),
        new("Tile", "matrix", Any(2, 3), Integers(2, 3)),
        new("Tile", "no repetition", Any(2, 3), Integers(1, 1)),
        new("Tile", "counts at run time", Any(2, 3, 2), Integers(1, 2, 2).AsFed),
        new("Trilu", "upper", Any(2, 3, 3)),
        new GradientCase("Trilu", "lower, shifted", Any(3, 4), IntegersOf([], -1)).With(("upper", 0L)),
        new GradientCase("Trilu", "upper, shifted", Any(3, 4), IntegersOf([], 1)).With(("upper", 1L)),
        new("CumSum", "first axis", Any(3, 2), IntegersOf([], 0)),
        new("CumSum", "negative axis", Any(2, 3), IntegersOf([], -1)),
        new GradientCase("CumSum", "exclusive", Any(2, 3), IntegersOf([], 1)).With(("exclusive", 1L)),
        new GradientCase("CumSum", "reverse", Any(2, 3), IntegersOf([], 1)).With(("reverse", 1L)),
        new GradientCase("CumSum", "exclusive, reverse", Any(2, 3), Integers32Of([], 0)).With(("exclusive", 1L), ("reverse", 1L)),
    ];
}
