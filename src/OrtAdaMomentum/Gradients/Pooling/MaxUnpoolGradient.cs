namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>
/// The reverse of max pooling: every element was put to a place of the output, counted through the whole tensor, and finds its gradient
/// there. Elements that were put to the same place are equal where they come from max pooling, and all get the gradient of that place.
/// </summary>
internal static class MaxUnpoolGradient
{
    public static readonly GradientRule Rule = new("MaxUnpool", static node =>
    {
        var (x, places) = (node.Input(0), node.Input(1));
        return [x.Graph.Node("Gather", [node.Gradient.Reshape(-1), places], x.Type, ("axis", 0L))];
    });
}
