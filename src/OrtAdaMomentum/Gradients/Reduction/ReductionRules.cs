using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Reduction;

/// <summary>
/// Reductions over axes: one line each. <c>g</c> and <c>y</c> have got back the axes that the node dropped, so that they broadcast against
/// the input <c>x</c>.
/// </summary>
internal static class ReductionRules
{
    public static readonly GradientRule[] All =
    [
        Reduction("ReduceL1", static (g, x, y, node) => g * x.Sign()),
        Reduction("ReduceL2", static (g, x, y, node) => x * y.IsEqualTo(y.Like(0)).Choose(0, g / y)),
        Reduction("ReduceLogSum", static (g, x, y, node) => (g * (-y).Exp()).ExpandLike(x)),
        Reduction("ReduceLogSumExp", static (g, x, y, node) => g * (x - y).Exp()),
        Reduction("ReduceMax", Extreme),
        Reduction("ReduceMean", static (g, x, y, node) => Reductions.DivideByCount(node, g).ExpandLike(x)),
        Reduction("ReduceMin", Extreme),
        Reduction("ReduceProd", Product),
        Reduction("ReduceSum", static (g, x, y, node) => g.ExpandLike(x)),
        Reduction("ReduceSumSquare", static (g, x, y, node) => x * (2 * g)),
    ];

    /// <summary>The gradient goes to the greatest (least) elements, in equal parts where several are.</summary>
    private static SymbolicTensor Extreme(SymbolicTensor g, SymbolicTensor x, SymbolicTensor y, GradientContext node)
    {
        var taken = x.IsEqualTo(y);
        return taken.Choose(g / Reductions.SumAlike(node, taken.WithType(new TensorType(ElementType.Bool, x.Type.Shape)).Cast(g.ElementType)), 0);
    }

    /// <summary>
    /// The derivative by an element is the product of the others: 0 where another is 0, else that of all elements but zeros, divided by
    /// the element unless it is the zero itself.
    /// </summary>
    private static SymbolicTensor Product(SymbolicTensor g, SymbolicTensor x, SymbolicTensor y, GradientContext node)
    {
        var isZero = x.IsEqualTo(x.Like(0));
        var zeros = isZero.Cast(x.ElementType);
        var divisor = isZero.Choose(1, x);
        var otherZeros = Reductions.SumAlike(node, zeros) - zeros;
        return otherZeros.IsGreaterThan(0).Choose(0, g * Reductions.Alike("ReduceProd", node, divisor) / divisor);
    }

    private static GradientRule Reduction(
        string operatorType, Func<SymbolicTensor, SymbolicTensor, SymbolicTensor, GradientContext, SymbolicTensor> formula) =>
        new(operatorType, node =>
        {
            var x = node.Input(0);
            var gradient = formula(Reductions.RestoreAxes(node, node.Gradient), x, Reductions.RestoreAxes(node, node.Output()), node);
            return [gradient.WithType(x.Type)];
        })
        {
            SteeringInputs = [1],
        };
}
