using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Fused;

/// <summary>The runtime's variants of Gelu: with a bias, by the tanh approximation, by the logistic function.</summary>
internal static class FusedGelu
{
    public static readonly Composition Gelu = new("Gelu", static node => [Exact(node.Input(0))], OnnxDomains.Microsoft);

    public static readonly Composition BiasGelu =
        new("BiasGelu", static node => [Exact(node.Input(0) + node.Input(1))], OnnxDomains.Microsoft);

    public static readonly Composition FastGelu = new("FastGelu", static node =>
    {
        var x = node.HasInput(1) ? node.Input(0) + node.Input(1) : node.Input(0);
        return [node.Graph.Node("Gelu", [x], x.Type, ("approximate", "tanh"))];
    }, OnnxDomains.Microsoft);

    /// <summary>y = x σ(α x), whose slope is σ + α y (1 - σ).</summary>
    public static readonly GradientRule QuickGelu = new("QuickGelu", static node =>
    {
        var (x, y) = (node.Input(0), node.Output());
        float alpha = node.Number("alpha", 1.702f);
        var sigmoid = (x * alpha).Unary("Sigmoid");
        return [node.Gradient * (sigmoid + y * (1 - sigmoid) * alpha)];
    }, OnnxDomains.Microsoft);

    private static SymbolicTensor Exact(SymbolicTensor x) => x.Unary("Gelu");
}
