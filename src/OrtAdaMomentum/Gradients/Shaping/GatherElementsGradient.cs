namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Elements picked by index along an axis: each is added to where it came from.</summary>
internal static class GatherElementsGradient
{
    public static readonly GradientRule Rule = new("GatherElements", static node =>
        [
            node.Graph.Node(
                "ScatterElements", [node.Graph.ZerosLike(node.Input(0)), node.Input(1), node.Gradient], node.Input(0).Type,
                ("axis", node.Integer("axis", 0)), ("reduction", "add")),
        ])
    {
        SteeringInputs = [1],
    };
}
