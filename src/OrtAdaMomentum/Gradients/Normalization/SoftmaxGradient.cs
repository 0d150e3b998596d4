namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Softmax and its logarithm along one axis.</summary>
internal static class SoftmaxGradient
{
    public static readonly GradientRule Softmax = new("Softmax", static node =>
    {
        var (y, g) = (node.Output(), node.Gradient);
        return [OnRows(node, "SoftmaxBackward", (g - (g * y).ReduceSum([Axis(node)], keepDimensions: true)) * y)];
    });

    public static readonly GradientRule LogSoftmax = new("LogSoftmax", static node =>
    {
        var (y, g) = (node.Output(), node.Gradient);
        return [OnRows(node, "LogSoftmaxBackward", g - (y.Exp() * g.ReduceSum([Axis(node)], keepDimensions: true)))];
    });

    /// <summary>Offers a kernel where the axis is the last one.</summary>
    private static SymbolicTensor OnRows(GradientContext node, string kernel, SymbolicTensor gradient)
    {
        var y = node.Output();
        return Axis(node) == -1 || Axis(node) == y.Type.Rank - 1 ? gradient.OrBy(kernel, [node.Gradient, y]) : gradient;
    }

    private static int Axis(GradientContext node) => (int)node.Integer("axis", -1);
}
