namespace OrtAdaMomentum.Gradients.Reduction;

/// <summary>Running sums along an axis: running sums of the gradient in the other direction.</summary>
internal static class CumSumGradient
{
    public static readonly GradientRule Rule = new("CumSum", static node =>
        [
            node.Graph.Node(
                "CumSum", [node.Gradient, node.Input(1)], node.Input(0).Type,
                ("exclusive", node.Integer("exclusive", 0)), ("reverse", 1 - node.Integer("reverse", 0))),
        ])
    {
        SteeringInputs = [1],
    };
}
