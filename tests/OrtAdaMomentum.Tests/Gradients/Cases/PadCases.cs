using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Padding.</summary>
internal static class PadCases
{
    public static readonly GradientCase[] All =
    [
        new("Pad", "zeros", Any(2, 3), Integers(1, 0, 2, 1)),
        new("Pad", "constant value", Any(2, 3), Integers(0, 2, 1, 0), Any()),
        new("Pad", "constant value of one element", Any(2, 2), Integers(0, 1, 0, 1), Any(1)),
        new("Pad", "negative", Any(4, 5), Integers(-1, 0, -1, -2)),
        new("Pad", "negative and positive", Any(4, 3), Integers(-1, 2, 2, -1), Any()),
        new("Pad", "nothing", Any(2, 3), Integers(0, 0, 0, 0)),
        new("Pad", "pads computed at run time", Any(2, 3), Integers(1, 0, 2, 1).AsFed),
        new("Pad", "chosen axes", Any(2, 3, 2), Integers(1, 2, 0, 1), Omitted, Integers(2, 0)),
        new("Pad", "negative axis and constant value", Any(2, 3), Integers(2, 1), Any(), Integers(-1)),
        new("Pad", "rank 4, spatial axes", Any(1, 2, 3, 2), Integers(0, 0, 1, 1, 0, 0, 2, 1)),
        Mode("reflect", "both axes", [3, 4], 2, 1, 1, 3),
        Mode("reflect", "images", [1, 2, 3, 3], 0, 0, 1, 2, 0, 0, 2, 1),
        Mode("edge", "both axes", [2, 3], 2, 1, 0, 3),
        Mode("wrap", "both axes", [3, 3], 1, 2, 2, 0),
        new GradientCase("Pad", "reflect, chosen axis", Any(2, 4), Integers(2, 3), Omitted, Integers(1)).With(("mode", "reflect")),
        new GradientCase("Pad", "edge, pads computed at run time", Any(2, 3), Integers(1, 0, 2, 1).AsFed).With(("mode", "edge")),
    ];

    private static GradientCase Mode(string mode, string description, long[] shape, params long[] pads) =>
        new GradientCase("Pad", $"{mode}, {description}", Any(shape), Integers(pads)).With(("mode", mode));
}
