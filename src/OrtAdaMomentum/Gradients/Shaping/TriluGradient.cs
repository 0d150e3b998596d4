namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>The upper or lower triangle of matrices: the same triangle of the gradient.</summary>
internal static class TriluGradient
{
    public static readonly GradientRule Rule = new("Trilu", static node =>
        [
            node.Graph.Node(
                "Trilu", node.HasInput(1) ? [node.Gradient, node.Input(1)] : [node.Gradient], node.Input(0).Type, ("upper", node.Integer("upper", 1))),
        ])
    {
        SteeringInputs = [1],
    };
}
