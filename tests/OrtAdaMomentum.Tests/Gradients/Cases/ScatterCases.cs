using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Updates written into data by index, or combined with what is there.</summary>
internal static class ScatterCases
{
    // Two columns of three rows: the first row is written to twice, the last once, the middle one not at all.
    private static readonly CaseInput Places = IntegersOf([3, 2], 0, 0, 2, -1, 0, -3).AsFed;
    private static readonly CaseInput Rows = IntegersOf([3, 1], 0, -1, -3).AsFed;

    private static readonly CaseInput PlacesAlongRows = IntegersOf([2, 4], 0, 1, 1, 0, 1, 2, 2, -1).AsFed;

    public static readonly GradientCase[] All =
    [
        new("ScatterElements", "first axis", Any(3, 2), IntegersOf([2, 2], 2, 0, 0, -2).AsFed, Any(2, 2)),
        new GradientCase("ScatterElements", "last axis", Any(2, 4), IntegersOf([2, 3], 0, 3, 1, -1, 0, 1).AsFed, Any(2, 3)).With(("axis", -1L)),
        new GradientCase("ScatterElements", "fixed 32-bit indices", Any(2, 3, 2), Integers32Of([1, 2, 2], 2, 0, 0, 1), Any(1, 2, 2)).With(("axis", 1L)),
        new("ScatterElements", "vector", Any(5), Integers(3, -5), Any(2)),
        new("ScatterElements", "no updates", Any(2, 3), IntegersOf([0, 3]), Any(0, 3)),
        new("ScatterElements", "constant data", Any(3).AsConstant, Integers(1).AsFed, Any(1)),
        new("ScatterElements", "constant updates", Any(3), Integers(1).AsFed, Numbers([1], 0).AsConstant),
        .. Reductions("ScatterElements", Places),
        new GradientCase("ScatterElements", "add, last axis", Any(2, 3), PlacesAlongRows, Any(2, 4)).With(("axis", -1L), ("reduction", "add")),
        new GradientCase("ScatterElements", "mul, last axis", Any(2, 3), PlacesAlongRows, Any(2, 4)).With(("axis", -1L), ("reduction", "mul")),
        new GradientCase("ScatterElements", "max, last axis", Distinct(0, 2, 3), PlacesAlongRows, Distinct(0.125, 2, 4))
            .With(("axis", -1L), ("reduction", "max")),

        new("ScatterND", "elements", Any(3, 2), IntegersOf([3, 2], 0, 1, 2, 0, 0, -2).AsFed, Any(3)),
        new("ScatterND", "rows", Any(4, 3), IntegersOf([2, 1], 2, -4).AsFed, Any(2, 3)),
        new("ScatterND", "slices, fixed indices", Any(2, 3, 2), IntegersOf([1, 2, 2], 1, 2, 0, 0), Any(1, 2, 2)),
        new("ScatterND", "vector", Any(5), IntegersOf([2, 1], 3, -5), Any(2)),
        new("ScatterND", "constant data", Any(3).AsConstant, IntegersOf([1, 1], 1).AsFed, Any(1)),
        new("ScatterND", "constant updates", Any(3), IntegersOf([1, 1], 1).AsFed, Numbers([1], 0).AsConstant),
        .. Reductions("ScatterND", Rows),
        new GradientCase("ScatterND", "add, elements", Any(3, 2), IntegersOf([4, 2], 0, 1, 2, 0, 0, 1, 0, -1).AsFed, Any(4)).With(("reduction", "add")),
        new GradientCase("ScatterND", "mul, elements", Any(3, 2), IntegersOf([4, 2], 0, 1, 2, 0, 0, 1, 0, -1).AsFed, Any(4)).With(("reduction", "mul")),
    ];

    private static IEnumerable<GradientCase> Reductions(string operatorType, CaseInput places)
    {
        GradientCase Of(string reduction, string description, CaseInput data, CaseInput updates) =>
            new GradientCase(operatorType, $"{reduction}, {description}", data, places, updates).With(("reduction", reduction));

        yield return Of("add", "repeated places", Any(3, 2), Any(3, 2));
        yield return Of("mul", "repeated places", AwayFrom([0], 3, 2), AwayFrom([0], 3, 2));
        yield return Of("mul", "zeros in the data", Numbers([3, 2], 0, 2, 0, 1, 3, 0), AwayFrom([0], 3, 2));
        yield return Of("mul", "zeros in the updates", AwayFrom([0], 3, 2), Numbers([3, 2], 0, 2, 0, 1, 3, 0));
        yield return Of("mul", "zeros in both", Numbers([3, 2], 0, 2, 1, 0, 0, 3), Numbers([3, 2], 0, 0, 2, 0, 3, 0));
        yield return Of("mul", "constant data", Numbers([3, 2], 0, 2, 1, 0, 3, 3).AsConstant, AwayFrom([0], 3, 2));
        yield return Of("mul", "constant updates", AwayFrom([0], 3, 2), Numbers([3, 2], 0, 0, 2, 2, 3, 1).AsConstant);
        foreach (string extreme in (string[])["max", "min"])
        {
            yield return Of(extreme, "distinct", Distinct(0, 3, 2), Distinct(0.125, 3, 2));
            yield return Of(
                extreme, "ties of two", Numbers([3, 2], 1, 2, 3, 4, 1, 2),
                extreme == "max" ? Numbers([3, 2], 1, 5, 1, 0, 0, 5) : Numbers([3, 2], 1, 0, 1, 4, 2, 0));
            yield return Of(extreme, "ties of three", Numbers([3, 2], 1, 2, 3, 4, 1, 2), Numbers([3, 2], 1, 2, 5, 0, 1, 2)) with
            {
                NoDifferences = "differences give half to each",
            };
            yield return Of(extreme, "constant data", Numbers([3, 2], 0, 0, 0, 0, 0, 0).AsConstant, AwayFrom([0], 3, 2));
        }
    }
}
