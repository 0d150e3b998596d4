namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Operators that work element by element: one line each, the formula of every input's gradient from the output gradient <c>g</c>,
/// the inputs <c>x</c> (<c>a</c>, <c>b</c>) and the output <c>y</c>.
/// </summary>
internal static class ElementwiseRules
{
    private static readonly double TwoOverRootPi = 2 / Math.Sqrt(Math.PI);

    public static readonly GradientRule[] All =
    [
        // One input.
        Unary("Abs", static (g, x, y) => g * x.Sign()),
        Unary("Erf", static (g, x, y) => g * (TwoOverRootPi * (-(x * x)).Exp())),
        Unary("Exp", static (g, x, y) => g * y),
        Unary("Identity", static (g, x, y) => g),
        Unary("Log", static (g, x, y) => g / x),
        Unary("Neg", static (g, x, y) => -g),
        Unary("Relu", static (g, x, y) => y.IsGreaterThan(0).Choose(g, 0)),
        Unary("Sigmoid", static (g, x, y) => g * (y * (1 - y))),
        Unary("Sqrt", static (g, x, y) => g / (2 * y)),
        Unary("Tanh", static (g, x, y) => g * (1 - y * y)),

        // Two inputs, broadcast.
        Binary("Add", static (g, a, b, y) => (g, g)),
        Binary("Div", static (g, a, b, y) => (g / b, -(g * y / b))),
        Binary("Mul", static (g, a, b, y) => (g * b, g * a)),
        Binary("Sub", static (g, a, b, y) => (g, -g)),
    ];

    private static GradientRule Unary(string operatorType, Func<SymbolicTensor, SymbolicTensor, SymbolicTensor, SymbolicTensor> formula) =>
        new(operatorType, node => [formula(node.Gradient, node.Input(0), node.Output())]);

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
