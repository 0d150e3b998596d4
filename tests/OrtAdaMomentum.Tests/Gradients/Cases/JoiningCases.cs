using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Concatenation and its reverse.</summary>
internal static class JoiningCases
{
    public static readonly GradientCase[] All =
    [
        new GradientCase("Concat", "two on the first axis", Any(2, 3), Any(1, 3)).With(("axis", 0L)),
        new GradientCase("Concat", "three on the last axis", Any(2, 3), Any(2, 1), Any(2, 2)).With(("axis", -1L)),
        new GradientCase("Concat", "middle axis", Any(2, 1, 3), Any(2, 2, 3)).With(("axis", 1L)),
        new GradientCase("Concat", "one input", Any(2, 3)).With(("axis", 0L)),
        new GradientCase("Concat", "first is constant", Any(2, 1).AsConstant, Any(2, 3)).With(("axis", 1L)),
        new GradientCase("Concat", "last is constant", Any(2, 3), Any(2, 1).AsConstant).With(("axis", -1L)),
        new GradientCase("Concat", "middle of three is not trained", Any(2, 3), Any(2, 2).AsFed, Any(2, 1)).With(("axis", 1L)),
        new GradientCase("Concat", "vectors", Any(2), Any(3)).With(("axis", 0L)),

        new GradientCase("Split", "equal parts", Any(4, 3)).With(("num_outputs", 2L)) with { Outputs = 2 },
        new GradientCase("Split", "uneven parts", Any(2, 5)).With(("axis", 1L), ("num_outputs", 3L)) with { Outputs = 3 },
        new GradientCase("Split", "given sizes", Any(2, 6), Integers(1, 3, 2)).With(("axis", -1L)) with { Outputs = 3 },
        new GradientCase("Split", "sizes at run time", Any(6, 2), Integers(1, 3, 2).AsFed) with { Outputs = 3 },
        new GradientCase("Split", "first part unused", Any(2, 6), Integers(1, 3, 2)).With(("axis", 1L)) with { Outputs = 3, UnusedOutputs = [0] },
        new GradientCase("Split", "only the middle part used", Any(2, 6), Integers(1, 3, 2)).With(("axis", 1L))
            with { Outputs = 3, UnusedOutputs = [0, 2] },
        new GradientCase("Split", "one part", Any(2, 3)).With(("num_outputs", 1L)),
        new GradientCase("Split", "empty part", Any(2, 3), Integers(0, 2)) with { Outputs = 2 },
    ];
}
