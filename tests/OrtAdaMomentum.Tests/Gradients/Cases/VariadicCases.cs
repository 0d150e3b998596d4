using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Elementwise operators of any number of inputs, and of a condition.</summary>
internal static class VariadicCases
{
    public static readonly GradientCase[] All =
    [
        .. Extreme("Max"),
        .. Extreme("Min"),
        .. Total("Mean"),
        .. Total("Sum"),

        .. BinaryCases.Broadcast("Where", static shape => Any(shape), static shape => Any(shape))
            .Select(static item => item with { Inputs = [AnyBooleans(item.Inputs[0].Shape), .. item.Inputs] }),
        new("Where", "condition broadcasts", AnyBooleans(3, 1), Any(3, 4), Any(4)),
        new("Where", "condition is widest", AnyBooleans(2, 3, 4), Any(4), Any(3, 1)),
        new("Where", "fixed condition", Booleans([4], true, false, true, false), Any(3, 4), Any(3, 4)),
        new("Where", "fixed other value", AnyBooleans(3, 4), Any(3, 4), Numbers([], -1000).AsConstant),
        new("Where", "fixed first value", AnyBooleans(3, 4), Numbers([], 0).AsConstant, Any(3, 4)),
        new("Where", "scalar condition", AnyBooleans(), Any(2, 3), Any(2, 3)),
    ];

    private static IEnumerable<GradientCase> Extreme(string operatorType) =>
    [
        .. BinaryCases.Broadcast(operatorType, static shape => Distinct(0, shape), static shape => Distinct(0.125, shape)),
        new(operatorType, "one input", Distinct(0, 2, 3)),
        new(operatorType, "three inputs", Distinct(0, 2, 3), Distinct(0.08, 2, 3), Distinct(0.16, 2, 3)),
        new(operatorType, "three inputs, broadcast", Distinct(0, 2, 3), Distinct(0.08, 3), Distinct(0.16)),
        new(operatorType, "constant right", Distinct(0, 2, 3), Numbers([], 0.125).AsConstant),
        new(operatorType, "ties of two", Numbers([3], 1, 2, 3), Numbers([3], 1, 3, 3)),
        new(operatorType, "tie of two with a constant", Numbers([3], 0, 2, -3), Numbers([], 0).AsConstant),
        new GradientCase(operatorType, "ties of three", Numbers([2], 1, 2), Numbers([2], 1, 2), Numbers([2], 1, 2))
            with { NoDifferences = "differences give half to each" },
    ];

    private static IEnumerable<GradientCase> Total(string operatorType) =>
    [
        .. BinaryCases.Broadcast(operatorType, static shape => Any(shape), static shape => Any(shape)),
        new(operatorType, "one input", Any(2, 3)),
        new(operatorType, "three inputs", Any(2, 3), Any(2, 3), Any(2, 3)),
        new(operatorType, "four inputs, broadcast", Any(2, 3), Any(3), Any(), Any(2, 1)),
    ];
}
