namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>One value where an index points to, another elsewhere: the gradient of each is the sum over its places.</summary>
internal static class OneHotGradient
{
    public static readonly GradientRule Rule = new("OneHot", static node =>
    {
        var g = node.Gradient;
        var pointedTo = node.Graph.Node(
            "OneHot", [node.Input(0), node.Input(1), node.Graph.Numbers([0, 1], g.ElementType, 2)], node.Output().Type,
            ("axis", node.Integer("axis", -1)));
        var on = (g * pointedTo).SumAll();
        return [null, null, SymbolicTensor.Concat(0, (g.SumAll() - on).Unsqueeze(0), on.Unsqueeze(0))];
    })
    {
        SteeringInputs = [0, 1],
    };
}
