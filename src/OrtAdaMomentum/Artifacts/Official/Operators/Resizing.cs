using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>The gradient of Resize, of <c>(dY, X, roi, scales)</c>. Where the forward node was given sizes, there are no scales: the sizes are those of dY.</summary>
internal static class Resizing
{
    private const int Scales = 3;

    public static readonly OfficialOperator Operator = new OfficialOperator("ResizeGrad", static node =>
    {
        var (g, x) = (node.Input(0), node.Input(1));
        var region = node.HasInput(2) ? node.Input(2) : null;
        bool isScaled = node.HasInput(Scales) && node.Input(Scales).Type.ElementCount != 0;
        if (!isScaled && (node.HasAttribute("axes") || node.Text("keep_aspect_ratio_policy", "stretch") != "stretch"))
            throw new FineTuningException("the sizes of some axes, or of axes that keep their ratio, cannot be told from its inputs");
        SymbolicTensor?[] inputs = isScaled ? [x, region, node.Input(Scales)] : [x, region, null, g.ShapeOf()];
        return [node.Differentiate(node.Forward("Resize", inputs, g), [0], g)[0]];
    }).Like(1);
}
