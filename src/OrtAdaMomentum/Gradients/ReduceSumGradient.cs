namespace OrtAdaMomentum.Gradients;

/// <summary>Every summand has the gradient of its sum.</summary>
internal static class ReduceSumGradient
{
    public static readonly GradientRule Rule =
        new("ReduceSum", static node => [Reductions.RestoreAxes(node, node.Gradient).ExpandLike(node.Input(0))]) { SteeringInputs = [1] };
}
