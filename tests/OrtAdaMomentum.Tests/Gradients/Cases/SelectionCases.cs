using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Operators that pick, order or place elements by what other inputs say.</summary>
internal static class SelectionCases
{
    private const string AnyOrder = "each runtime has its own order where none is asked for";

    private const string Parting = "equal elements part when one of them moves";

    public static readonly GradientCase[] All =
    [
        new("Compress", "elements", Any(2, 3), Booleans([6], true, false, true, true, false, false)),
        new("Compress", "elements, condition at run time", Any(2, 3), Booleans([6], false, false, true, true, false, true).AsFed),
        new("Compress", "elements, short condition", Any(2, 3), Booleans([3], false, true, true).AsFed),
        new GradientCase("Compress", "first axis", Any(3, 2), Booleans([3], true, false, true)).With(("axis", 0L)),
        new GradientCase("Compress", "middle axis, condition at run time", Any(2, 3, 2), Booleans([3], false, true, true).AsFed).With(("axis", 1L)),
        new GradientCase("Compress", "negative axis, short condition", Any(2, 2, 4), Booleans([2], false, true).AsFed).With(("axis", -1L)),
        new GradientCase("Compress", "negative middle axis", Any(2, 3, 2), Booleans([3], true, false, true).AsFed).With(("axis", -2L)),
        new GradientCase("Compress", "nothing taken", Any(3, 2), Booleans([3], false, false, false).AsFed).With(("axis", 0L)) with
        {
            SingleOnly = "one precision is enough for no elements",
        },

        TopK("greatest, default axis", [2, 5], Integers(3)),
        TopK("greatest, first axis", [4, 3], Integers(2), ("axis", 0L)),
        TopK("least, middle axis", [2, 4, 3], Integers(2), ("axis", 1L), ("largest", 0L)),
        TopK("negative axis, unsorted", [2, 4, 3], Integers(2), ("axis", -2L), ("sorted", 0L)) with { NoTorch = AnyOrder },
        TopK("least, unsorted", [2, 5], Integers(2), ("largest", 0L), ("sorted", 0L)) with { NoTorch = AnyOrder },
        TopK("all", [5], Integers(5)),
        TopK("count at run time", [2, 5], Integers(3).AsFed),
        TopK("first axis, count at run time", [4, 3], Integers(2).AsFed, ("axis", 0L), ("largest", 0L)),

        new("Unique", "sorted, by default", Distinct(0, 5)),
        new GradientCase("Unique", "order of first appearance", Distinct(0, 2, 3)).With(("sorted", 0L)),
        new GradientCase("Unique", "slices along the first axis", Distinct(0, 3, 2)).With(("axis", 0L)),
        new GradientCase("Unique", "slices along a negative axis", Distinct(0, 2, 3, 2)).With(("axis", -2L)),
        new GradientCase("Unique", "slices along the last axis", Distinct(0, 2, 3)).With(("axis", 1L), ("sorted", 0L)),
        new("Unique", "equal elements", Numbers([6], 2, 0.5, 2, 1, 0.5, 2)) { NoDifferences = Parting },
        new GradientCase("Unique", "equal slices", Numbers([2, 4], 2, 1, 2, 2, 0, 3, 0, 3)) { NoDifferences = Parting }.With(("axis", 1L), ("sorted", 0L)),

        new("Range", "up", Numbers([], 0.25), Numbers([], 2.1).AsFed, Numbers([], 0.5)),
        new("Range", "down", Numbers([], 2), Numbers([], -1.1).AsFed, Numbers([], -0.75)),
        new("Range", "limit with a gradient of zero", Numbers([], 0.25), Numbers([], 2.1), Numbers([], 0.5)),
        new("Range", "single number", Numbers([], 0.25), Numbers([], 0.75).AsConstant, Numbers([], 0.75)),

        new("OneHot", "default axis", IntegersOf([2, 2], 0, 2, 1, 2).AsFed, IntegersOf([], 3), Any(2)),
        new("OneHot", "negative and too large indices", Integers(-1, 0, 3, -4).AsFed, IntegersOf([], 3), Any(2)),
        new("OneHot", "same value on and off", Integers(0, 2).AsFed, IntegersOf([], 3), Numbers([2], 0.5, 0.5)),
        new("OneHot", "depth at run time", Integers(0, 2, 1).AsFed, IntegersOf([], 3).AsFed, Any(2)),
        new("OneHot", "indices as numbers", Numbers([3], 0, 2, 1).AsFed, Numbers([], 3).AsConstant, Any(2)),
        new GradientCase("OneHot", "first axis", IntegersOf([2, 2], 0, 2, 1, 2).AsFed, IntegersOf([], 3), Any(2)).With(("axis", 0L)),
        new GradientCase("OneHot", "negative axis", IntegersOf([2, 2], 0, 2, 1, 2).AsFed, IntegersOf([], 3), Any(2)).With(("axis", -2L)),

        new("ReverseSequence", "time first, by default", Any(4, 3, 2), Integers(4, 1, 3).AsFed),
        new GradientCase("ReverseSequence", "time first", Any(4, 3), Integers(2, 4, 1)).With(("batch_axis", 1L), ("time_axis", 0L)),
        new GradientCase("ReverseSequence", "batch first", Any(3, 4, 2), Integers(2, 4, 1).AsFed).With(("batch_axis", 0L), ("time_axis", 1L)),

        new GradientCase("DepthToSpace", "channels last in a block, by default", Any(2, 8, 2, 3)).With(("blocksize", 2L)),
        new GradientCase("DepthToSpace", "DCR", Any(1, 18, 1, 2)).With(("blocksize", 3L), ("mode", "DCR")),
        new GradientCase("DepthToSpace", "CRD", Any(2, 8, 2, 3)).With(("blocksize", 2L), ("mode", "CRD")),
        new GradientCase("DepthToSpace", "CRD, larger blocks", Any(1, 18, 1, 2)).With(("blocksize", 3L), ("mode", "CRD")),
        new GradientCase("SpaceToDepth", "blocks of 2", Any(2, 3, 4, 2)).With(("blocksize", 2L)),
        new GradientCase("SpaceToDepth", "blocks of 3", Any(1, 2, 3, 6)).With(("blocksize", 3L)),
    ];

    private static GradientCase TopK(string description, long[] shape, CaseInput count, params (string, object)[] attributes) =>
        new GradientCase("TopK", description, Distinct(0, shape), count) { Outputs = 2 }.With(attributes);
}
