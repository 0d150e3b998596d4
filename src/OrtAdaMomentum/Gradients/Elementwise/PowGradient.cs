namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>y = aᵇ: da = g b aᵇ⁻¹, db = g y ln a. The exponent may be of an integer type.</summary>
internal static class PowGradient
{
    public static readonly GradientRule Rule = new("Pow", static node => [Base(node), node.Needs(1) ? Exponent(node) : null])
    {
        Broadcasts = true,
    };

    private static SymbolicTensor Base(GradientContext node)
    {
        var (a, b, y, g) = (node.Input(0), node.Input(1), node.Output(), node.Gradient);
        if (b.Type.ElementCount == 1 && node.ConstantNumbers(1) is [var exponent])
        {
            return exponent switch
            {
                0 => g * 0,
                0.5 => g / (2 * y),
                1 => g,
                2 => g * (2 * a),
                3 => g * (3 * (a * a)),
                -1 => -(g * (y * y)),
                _ => g * (exponent * a.Pow(a.Like(exponent - 1))),
            };
        }

        // Where the exponent is 0 the slope is 0 even at base 0, where the formula would give 0 times infinity.
        var power = b.Cast(a.ElementType);
        var isConstant = power.IsEqualTo(a.Like(0));
        return g * isConstant.Choose(0, power * a.Pow(power - 1));
    }

    // At base 0 the slope is 0, where the formula would give 0 times minus infinity.
    private static SymbolicTensor Exponent(GradientContext node)
    {
        var (a, y) = (node.Input(0), node.Output());
        return (node.Gradient * (y * a.IsEqualTo(a.Like(0)).Choose(1, a).Log())).Cast(node.Input(1).ElementType);
    }
}
