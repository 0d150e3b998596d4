using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Padding by a constant, or by elements of the input itself.</summary>
internal static class PadGradient
{
    public static readonly GradientRule Rule = new("Pad", static node =>
    {
        var (x, pads, g) = (node.Input(0), node.Input(1), node.Gradient);
        if (node.Text("mode", "constant") != "constant")
            return [Scattered(node, x, g)];

        // What was added is cut off, what was cut off had no influence: the opposite padding.
        var input = x.Graph.Node("Pad", [g, -pads, null, AxesOf(node)], x.Type, ("mode", "constant"));
        var constant = node.Needs(2) ? (g.SumAll() - input.SumAll()).ReshapeLike(node.Input(2)) : null;
        return [input, null, constant];
    });

    private static SymbolicTensor Scattered(GradientContext node, SymbolicTensor x, SymbolicTensor g) =>
        ElementSources.ScatterBack(x, g, numbers => x.Graph.Node(
            "Pad", [numbers, node.Input(1), null, AxesOf(node)], new TensorType(ElementType.Int64, g.Type.Shape),
            ("mode", node.Text("mode", "constant"))));

    private static SymbolicTensor? AxesOf(GradientContext node) => node.HasInput(3) ? node.Input(3) : null;
}
