namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>
/// Operators that work element by element: one line each, the formula of every input's gradient from the output gradient <c>g</c>,
/// the inputs <c>x</c> (<c>a</c>, <c>b</c>), the output <c>y</c> and, for its attributes, the node. What the forward pass has computed is
/// used again: <c>y</c> where the derivative can be told from it.
/// </summary>
internal static class ElementwiseRules
{
    private static readonly double TwoOverRootPi = 2 / Math.Sqrt(Math.PI);

    public static readonly GradientRule[] All =
    [
        // One input.
        Unary("Abs", static (g, x, y) => g * x.Sign()),
        Unary("Acos", static (g, x, y) => -(g / (1 - x * x).Sqrt())),
        Unary("Acosh", static (g, x, y) => g / (x * x - 1).Sqrt()),
        Unary("Asin", static (g, x, y) => g / (1 - x * x).Sqrt()),
        Unary("Asinh", static (g, x, y) => g / (x * x + 1).Sqrt()),
        Unary("Atan", static (g, x, y) => g / (x * x + 1)),
        Unary("Atanh", static (g, x, y) => g / (1 - x * x)),
        Unary("Cast", static (g, x, y) => g.Cast(x.ElementType)),
        Unary("CastLike", static (g, x, y) => g.Cast(x.ElementType)) with { SteeringInputs = [1] },
        Unary("Celu", static (g, x, y, node) => x.IsGreaterThan(0).Choose(g, g * (y / node.Number("alpha", 1) + 1))),
        Unary("Cos", static (g, x, y) => -(g * x.Unary("Sin"))),
        Unary("Cosh", static (g, x, y) => g * x.Unary("Sinh")),
        Unary("Elu", static (g, x, y, node) => x.IsGreaterThan(0).Choose(g, g * (y + node.Number("alpha", 1)))),
        Unary("Erf", static (g, x, y) => g * (TwoOverRootPi * (-(x * x)).Exp())),
        Unary("Exp", static (g, x, y) => g * y),
        Unary("HardSigmoid", static (g, x, y, node) => y.IsGreaterThan(0).And(y.IsLessThan(1)).Choose(g * node.Number("alpha", 0.2f), 0)),
        Unary("HardSwish", static (g, x, y) => g * x.IsGreaterThan(3).Choose(1, x.IsGreaterThan(-3).Choose(x / 3 + 0.5, 0))),
        Unary("Identity", static (g, x, y) => g),
        Unary("LeakyRelu", static (g, x, y, node) => x.IsGreaterThan(0).Choose(g, g * node.Number("alpha", 0.01f))),
        Unary("Log", static (g, x, y) => g / x),
        Unary("Mish", static (g, x, y) => g * MishSlope(x)),
        Unary("Neg", static (g, x, y) => -g),
        Unary("Reciprocal", static (g, x, y) => -(g * (y * y))),
        Unary("Relu", static (g, x, y) => y.IsGreaterThan(0).Choose(g, 0).OrBy("ReluBackward", [g, y])),
        Unary("Selu", static (g, x, y, node) =>
            x.IsGreaterThan(0).Choose(
                g * node.Number("gamma", SeluGamma), g * (y + (double)node.Number("gamma", SeluGamma) * node.Number("alpha", SeluAlpha)))),
        Unary("Shrink", static (g, x, y, node) => Shrunk(g, x, node.Number("lambd", 0.5f))),
        Unary("Sigmoid", static (g, x, y) => g * (y * (1 - y))),
        Unary("Sin", static (g, x, y) => g * x.Unary("Cos")),
        Unary("Sinh", static (g, x, y) => g * x.Unary("Cosh")),
        Unary("Softplus", static (g, x, y) => g * x.Unary("Sigmoid")),
        Unary("Softsign", static (g, x, y) => g * Squared(1 - y.Abs())),
        Unary("Sqrt", static (g, x, y) => g / (2 * y)),
        Unary("Tan", static (g, x, y) => g * (y * y + 1)),
        Unary("Tanh", static (g, x, y) => g * (1 - y * y)),
        Unary("ThresholdedRelu", static (g, x, y, node) => x.IsGreaterThan(node.Number("alpha", 1)).Choose(g, 0)),

        // Two inputs, broadcast.
        Binary("Add", static (g, a, b, y) => (g, g)),
        Binary("Div", static (g, a, b, y) => (g / b, -(g * y / b))),
        Binary("Mod", static (g, a, b, y) => (g, g * ((y - a) / b).Unary("Round"))),
        Binary("Mul", static (g, a, b, y) => (g * b, g * a)),
        Binary("PRelu", static (g, x, slope, y) => (x.IsGreaterThan(0).Choose(g, g * slope), x.IsGreaterThan(0).Choose(0, g * x))),
        Binary("Sub", static (g, a, b, y) => (g, -g)),

        // A condition and two inputs, broadcast.
        new("Where", static node => [null, node.Input(0).Choose(node.Gradient, 0), node.Input(0).Choose(0, node.Gradient)])
        {
            Broadcasts = true,
            SteeringInputs = [0],
        },
    ];

    private const float SeluAlpha = 1.67326319217681884765625f;
    private const float SeluGamma = 1.05070102214813232421875f;

    // With a negative bound the two branches leave nothing between them.
    private static SymbolicTensor Shrunk(SymbolicTensor g, SymbolicTensor x, float bound) =>
        bound < 0 ? g : x.Abs().IsGreaterThan(bound).Choose(g, 0);

    private static SymbolicTensor Squared(SymbolicTensor x) => x * x;

    // y = x tanh(softplus(x)); both factors stay finite, so that large inputs give 1 and not the quotient of two infinities.
    private static SymbolicTensor MishSlope(SymbolicTensor x)
    {
        var t = x.Unary("Softplus").Unary("Tanh");
        return t + x * (1 - t * t) * x.Unary("Sigmoid");
    }

    private static GradientRule Unary(string operatorType, Func<SymbolicTensor, SymbolicTensor, SymbolicTensor, SymbolicTensor> formula) =>
        new(operatorType, node => [formula(node.Gradient, node.Input(0), node.Output())]);

    private static GradientRule Unary(
        string operatorType, Func<SymbolicTensor, SymbolicTensor, SymbolicTensor, GradientContext, SymbolicTensor> formula) =>
        new(operatorType, node => [formula(node.Gradient, node.Input(0), node.Output(), node)]);

    private static GradientRule Binary(
        string operatorType,
        Func<SymbolicTensor, SymbolicTensor, SymbolicTensor, SymbolicTensor, (SymbolicTensor, SymbolicTensor)> formula) =>
        new(operatorType, node =>
        {
            var (left, right) = formula(node.Gradient, node.Input(0), node.Input(1), node.Output());
            return [left, right];
        })
        {
            Broadcasts = true,
        };
}
