namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Softmax and its logarithm along one axis.</summary>
internal static class SoftmaxGradient
{
    public static readonly GradientRule Softmax = new("Softmax", static node =>
    {
        var (y, g) = (node.Output(), node.Gradient);
        return [(g - (g * y).ReduceSum([Axis(node)], keepDimensions: true)) * y];
    });

    public static readonly GradientRule LogSoftmax = new("LogSoftmax", static node =>
    {
        var (y, g) = (node.Output(), node.Gradient);
        return [g - (y.Exp() * g.ReduceSum([Axis(node)], keepDimensions: true))];
    });

    private static int Axis(GradientContext node) => (int)node.Integer("axis", -1);
}
