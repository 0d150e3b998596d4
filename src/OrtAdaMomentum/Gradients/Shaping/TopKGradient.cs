using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>The greatest or least elements along an axis: the gradient goes back to where they came from, zeros elsewhere.</summary>
internal static class TopKGradient
{
    public static readonly GradientRule Rule = new("TopK", static node =>
    {
        var x = node.Input(0);
        var places = node.RequireOutput(1, new TensorType(ElementType.Int64, node.Output().Type.Shape));
        return
        [
            x.Graph.Node("ScatterElements", [x.Graph.ZerosLike(x), places, node.Gradient], x.Type, ("axis", node.Integer("axis", -1))),
        ];
    });
}
