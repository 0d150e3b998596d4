namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>y = x Φ(x) with the normal distribution Φ, exact or by the tanh approximation.</summary>
internal static class GeluGradient
{
    private const double Cubic = 0.044715;
    private static readonly double RootHalf = Math.Sqrt(0.5);
    private static readonly double RootTwoOverPi = Math.Sqrt(2 / Math.PI);
    private static readonly double Density = 1 / Math.Sqrt(2 * Math.PI);

    public static readonly GradientRule Rule = new("Gelu", static node =>
    {
        var x = node.Input(0);
        bool approximate = node.Text("approximate", "none") == "tanh";
        var gradient = node.Gradient * (approximate ? ApproximateSlope(x) : ExactSlope(x));
        return [gradient.OrBy("GeluBackward", [node.Gradient, x], ("tanh", approximate ? 1L : 0L))];
    });

    // Φ(x) + x φ(x). Φ is computed again rather than taken as y / x, which is 0 / 0 at the origin.
    private static SymbolicTensor ExactSlope(SymbolicTensor x) =>
        ((x * RootHalf).Unary("Erf") + 1) * 0.5 + x * ((x * x * -0.5).Exp() * Density);

    private static SymbolicTensor ApproximateSlope(SymbolicTensor x)
    {
        var square = x * x;
        var t = (x * (square * (Cubic * RootTwoOverPi) + RootTwoOverPi)).Unary("Tanh");
        return (t + 1) * 0.5 + x * ((1 - t * t) * (square * (1.5 * Cubic * RootTwoOverPi) + 0.5 * RootTwoOverPi));
    }
}
