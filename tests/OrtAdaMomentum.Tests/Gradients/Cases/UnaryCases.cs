using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Elementwise operators of one input.</summary>
internal static class UnaryCases
{
    public static readonly GradientCase[] All =
    [
        new("Abs", "away from 0", AwayFrom([0], 2, 3)),
        new("Erf", "moderate values", Within(-2, 2, 2, 3)),
        new("Exp", "moderate values", Any(2, 3)),
        new("Identity", "matrix", Any(2, 3)),
        new("Identity", "scalar", Any()),
        new("Log", "positive values", Within(0.3, 3, 2, 3)),
        new("Neg", "matrix", Any(2, 3)),
        new("Relu", "away from 0", AwayFrom([0], 2, 3)),
        new("Sigmoid", "moderate values", Within(-3, 3, 2, 3)),
        new("Sqrt", "positive values", Within(0.3, 3, 2, 3)),
        new("Tanh", "moderate values", Within(-2, 2, 2, 3)),
    ];
}
