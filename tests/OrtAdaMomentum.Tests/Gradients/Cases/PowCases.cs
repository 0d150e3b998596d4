using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Powers: trained, fixed, integer and run-time exponents.</summary>
internal static class PowCases
{
    private const string Edge = "base 0 is at the edge of the domain";

    public static readonly GradientCase[] All =
    [
        .. BinaryCases.Broadcast("Pow", static shape => Within(0.3, 2, shape), static shape => AwayFrom([0], shape)),
        .. new[] { 0, 0.5, 1, 2, 3, -1, -2, 2.5, 1.0 / 3 }.Select(static exponent =>
            new GradientCase("Pow", $"fixed exponent {exponent:0.##}", Within(0.3, 2, 2, 3), Numbers([], exponent).AsConstant)),
        .. new[] { 0, 1, 2, 3, 4, -1, -2 }.Select(static exponent =>
            new GradientCase("Pow", $"negative base, fixed exponent {exponent}", AwayFrom([0, 0.2, -0.2], 2, 3), Numbers([], exponent).AsConstant)),
        .. new[] { 0, 1, 2, 3, 4 }.Select(static exponent =>
            new GradientCase("Pow", $"base 0, fixed exponent {exponent}", Numbers([3], 0, 1.5, -1), Numbers([1], exponent).AsConstant)),
        new("Pow", "base 0, exponents per element", Numbers([4], 0, 0, 0, 2), Numbers([4], 0, 2, 3, 2).AsConstant),
        new("Pow", "base 0, exponents at run time", Numbers([5], 0, 0, 0, 0, -2), Numbers([5], 0, 1, 2, 3, 2).AsFed),
        new GradientCase("Pow", "base 0, trained exponents", Numbers([3], 0, 0, 1.5), Numbers([3], 2, 3, 2)) with { NoDifferences = Edge },
        new("Pow", "64-bit exponent", Within(0.3, 2, 2, 3), IntegersOf([], 3)),
        new("Pow", "64-bit exponents per element", AwayFrom([0], 2, 3), Integers(0, 2, 3)),
        new("Pow", "64-bit exponents at run time", AwayFrom([0], 2, 3), Integers(0, 2, 3).AsFed),
        new("Pow", "32-bit exponent", Within(0.3, 2, 2, 3), Integers32Of([], 2)),
        new("Pow", "fixed base", Within(0.3, 2, 2, 3).AsConstant, Any(2, 3)),
        new("Pow", "fixed exponent broadcasts the base", Within(0.3, 2, 3), Numbers([1, 1], 2).AsConstant),
    ];
}
