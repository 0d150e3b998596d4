namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>The beginning of every sequence reversed, which undoes itself.</summary>
internal static class ReverseSequenceGradient
{
    public static readonly GradientRule Rule = new("ReverseSequence", static node =>
        [
            node.Graph.Node(
                "ReverseSequence", [node.Gradient, node.Input(1)], node.Input(0).Type,
                ("batch_axis", node.Integer("batch_axis", 1)), ("time_axis", node.Integer("time_axis", 0))),
        ]);
}
