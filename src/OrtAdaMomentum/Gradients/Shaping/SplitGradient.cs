namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Parts of a tensor along an axis: their gradients one after the other, zeros for parts that the loss does not depend on.</summary>
internal static class SplitGradient
{
    public static readonly GradientRule Rule = new("Split", static node =>
    {
        SymbolicTensor[] parts = [.. Enumerable.Range(0, node.OutputCount).Select(node.OutputGradientOrZero)];
        return parts.Length == 1
            ? [parts[0]]
            : [node.Graph.Node("Concat", parts, node.Input(0).Type, ("axis", node.Integer("axis", 0)))];
    })
    {
        SteeringInputs = [1],
    };
}
