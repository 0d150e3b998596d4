using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Gradients of activations: of <c>(dY, Y)</c> where the slope follows from the output, else of <c>(dY, X)</c>.</summary>
internal static class Activations
{
    public static readonly OfficialOperator[] All =
    [
        OfOutput("ReluGrad", "Relu"),
        OfOutput("SigmoidGrad", "Sigmoid"),
        OfOutput("TanhGrad", "Tanh"),
        OfOutput("LeakyReluGrad", "LeakyRelu"),
        Of("GeluGrad", static node => Gelu(node, node.Input(1), "none")),
        Of("FastGeluGrad", static node => Gelu(node, node.Input(1), "tanh")),
        Of("BiasGeluGrad_dX", static node => Gelu(node, node.Input(1) + node.Input(2), "none")),
        Of("BiasFastGeluGrad_dX", static node => Gelu(node, node.Input(1) + node.Input(2), "tanh")),
        Of("QuickGeluGrad", QuickGelu),
    ];

    private static OfficialOperator Of(string name, Func<OfficialNode, SymbolicTensor?> rewrite) =>
        new OfficialOperator(name, node => [rewrite(node)]).Like(1);

    // These rules look at the output, or at the input's sign alone, which is that of the output.
    private static OfficialOperator OfOutput(string name, string forward) => Of(name, node =>
        node.Differentiate(node.Forward(forward, [node.Input(1)], node.Input(1)), [0], node.Input(0))[0]);

    private static SymbolicTensor? Gelu(OfficialNode node, SymbolicTensor x, string approximate)
    {
        var forward = node.Forward("Gelu", [x], node.Input(0)).With("approximate", approximate);
        return node.Differentiate(forward, [0], node.Input(0))[0];
    }

    /// <summary>y = x σ(α x), whose slope is σ + α x σ (1 - σ).</summary>
    private static SymbolicTensor QuickGelu(OfficialNode node)
    {
        var (g, x) = (node.Input(0), node.Input(1));
        var scaled = x * node.Number("alpha", 1.702f);
        var sigmoid = scaled.Unary("Sigmoid");
        return g * (sigmoid + scaled * (sigmoid * (1 - sigmoid)));
    }
}
