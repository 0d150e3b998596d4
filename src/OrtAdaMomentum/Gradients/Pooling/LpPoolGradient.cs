using OrtAdaMomentum.Gradients.Convolution;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>
/// Pooling by the p-norm of a window, y = (Σ |x|ᵖ)^(1/p): an element has the share sign(x) |x|ᵖ⁻¹ / yᵖ⁻¹ in it. A window of zeros has a
/// kink there, at which no gradient flows.
/// </summary>
internal static class LpPoolGradient
{
    public static readonly GradientRule Windows = new("LpPool", static node =>
    {
        var x = node.Input(0);
        long power = node.Integer("p", 2);
        var window = SlidingWindow.Of(node, node.Integers("kernel_shape")!, x);
        return [Numerator(x, power) * WindowSpread.Of(PerNorm(node, power), window, x, node.Integer("ceil_mode", 0) != 0)];
    });

    public static readonly GradientRule Global = new("GlobalLpPool", static node =>
    {
        long power = node.Integer("p", 2);
        return [Numerator(node.Input(0), power) * PerNorm(node, power)];
    });

    private static SymbolicTensor Numerator(SymbolicTensor x, long power) => power switch
    {
        1 => x.Sign(),
        2 => x,
        _ when power % 2 == 0 => x.Pow(x.Like(power - 1)),
        _ => x.Sign() * x.Pow(x.Like(power - 1)),
    };

    private static SymbolicTensor PerNorm(GradientContext node, long power)
    {
        var (y, g) = (node.Output(), node.Gradient);
        if (power == 1)
            return g;
        var denominator = power == 2 ? y : y.Pow(y.Like(power - 1));
        return y.IsEqualTo(y.Like(0)).Choose(0, g / denominator);
    }
}
