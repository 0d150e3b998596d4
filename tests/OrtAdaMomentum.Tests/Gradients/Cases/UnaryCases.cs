using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Elementwise operators of one input.</summary>
internal static class UnaryCases
{
    private const string RoundedToSingle = "the double kernel computes in single precision";
    private const string Kink = "differences see the mean of the two slopes";

    public static readonly GradientCase[] All =
    [
        new("Abs", "away from 0", AwayFrom([0], 2, 3)),
        new("Acos", "inside the domain", Within(-0.9, 0.9, 2, 3)),
        new("Acosh", "inside the domain", Within(1.2, 3, 2, 3)),
        new("Asin", "inside the domain", Within(-0.9, 0.9, 2, 3)),
        new("Asinh", "moderate values", Within(-2, 2, 2, 3)),
        new("Atan", "moderate values", Within(-2, 2, 2, 3)),
        new("Atanh", "inside the domain", Within(-0.9, 0.9, 2, 3)),
        new GradientCase("Cast", "to the same type", Any(2, 3)).With(("to", 11L)),
        new GradientCase("Cast", "from single to double", Any(2, 3)).With(("to", 11L)) with { SingleOnly = "the input is in single precision" },
        new GradientCase("Cast", "to single", Any(2, 3)).With(("to", 1L)) with { SingleOnly = "the output is rounded to single precision" },
        new("CastLike", "same type", Any(2, 3), Any(1).AsConstant),
        new("CastLike", "like a value that itself has a gradient", Any(2, 3), Any(2)),
        new("Celu", "default alpha", AwayFrom([0], 2, 3)),
        new GradientCase("Celu", "large alpha", AwayFrom([0], 2, 3)).With(("alpha", 2f)),
        new("Cos", "moderate values", Within(-3, 3, 2, 3)),
        new("Cosh", "moderate values", Within(-2, 2, 2, 3)),
        new("Elu", "default alpha", AwayFrom([0], 2, 3)),
        new GradientCase("Elu", "small alpha", AwayFrom([0], 2, 3)).With(("alpha", 0.5f)),
        new("Erf", "moderate values", Within(-2, 2, 2, 3)),
        new("Exp", "moderate values", Any(2, 3)),
        new("Gelu", "exact", Within(-3, 3, 2, 3)),
        new("Gelu", "exact at 0 and far out", Numbers([5], 0, -8, 8, -3, 3)),
        new GradientCase("Gelu", "by tanh", Within(-3, 3, 2, 3)).With(("approximate", "tanh")),
        new GradientCase("Gelu", "by tanh at 0 and far out", Numbers([5], 0, -8, 8, -3, 3)).With(("approximate", "tanh")),
        new("HardSigmoid", "default slope", AwayFrom(-4, 4, [-2.5, 2.5], 2, 3)),
        new GradientCase("HardSigmoid", "slope 1/6", AwayFrom(-4, 4, [-3, 3], 2, 3)).With(("alpha", 1f / 6), ("beta", 0.5f)),
        new("HardSwish", "all three parts", AwayFrom(-5, 5, [-3, 3], 3, 4)),
        new("Identity", "matrix", Any(2, 3)),
        new("Identity", "scalar", Any()),
        new("LeakyRelu", "default slope", AwayFrom([0], 2, 3)),
        new GradientCase("LeakyRelu", "slope 0.2", AwayFrom([0], 2, 3)).With(("alpha", 0.2f)),
        new GradientCase("LeakyRelu", "at 0", Numbers([3], 0, 1, -1)).With(("alpha", 0.2f)) with { NoDifferences = Kink },
        new("Log", "positive values", Within(0.3, 3, 2, 3)),
        new("Mish", "moderate values", Within(-3, 3, 2, 3)),
        new("Mish", "far out", Numbers([4], -60, -20, 20, 60)),
        new("Neg", "matrix", Any(2, 3)),
        new("Reciprocal", "either sign", AwayFrom([0, 0.2, -0.2], 2, 3)),
        new("Relu", "away from 0", AwayFrom([0], 2, 3)),
        new GradientCase("Relu", "at 0", Numbers([3], 0, 1, -1)) with { NoDifferences = Kink },
        new("Selu", "default", AwayFrom([0], 2, 3)),
        new GradientCase("Selu", "given", AwayFrom([0], 2, 3)).With(("alpha", 1.5f), ("gamma", 1.25f)),
        new("Shrink", "default", AwayFrom([-0.5, 0.5], 3, 4)) { SingleOnly = RoundedToSingle },
        new GradientCase("Shrink", "biased", AwayFrom([-1.5, 1.5], 3, 4)).With(("lambd", 1.5f), ("bias", 1.5f)) with { SingleOnly = RoundedToSingle },
        new GradientCase("Shrink", "negative bound", AwayFrom([-0.5, 0.5], 3, 4)).With(("lambd", -0.5f), ("bias", 0.25f))
            with { SingleOnly = RoundedToSingle },
        new GradientCase("Shrink", "at the bound", Numbers([3], 0.5, -0.5, 0)).With(("bias", 0.5f)) with { NoDifferences = Kink },
        new("Sigmoid", "moderate values", Within(-3, 3, 2, 3)),
        new("Sigmoid", "far out", Numbers([4], -60, -20, 20, 60)),
        new("Sin", "moderate values", Within(-3, 3, 2, 3)),
        new("Sinh", "moderate values", Within(-2, 2, 2, 3)),
        new("Softplus", "moderate values", Within(-3, 3, 2, 3)),
        new("Softplus", "far out", Numbers([4], -60, -20, 20, 60)),
        new("Softsign", "either sign", AwayFrom([0], 2, 3)),
        new("Sqrt", "positive values", Within(0.3, 3, 2, 3)),
        new("Tan", "moderate values", Any(2, 3)),
        new("Tanh", "moderate values", Within(-2, 2, 2, 3)),
        new("Tanh", "far out", Numbers([4], -60, -20, 20, 60)),
        new("ThresholdedRelu", "default threshold", AwayFrom([1], 2, 3)),
        new GradientCase("ThresholdedRelu", "negative threshold", AwayFrom([-0.5], 2, 3)).With(("alpha", -0.5f)),
    ];
}
