using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Slices picked by tuples of indices: each is added to where it came from.</summary>
internal static class GatherNDGradient
{
    public static readonly GradientRule Rule = new("GatherND", static node =>
        [
            ElementSources.ScatterBack(node.Input(0), node.Gradient, numbers =>
                node.Graph.Node(
                    "GatherND", [numbers, node.Input(1)], new TensorType(ElementType.Int64, node.Output().Type.Shape),
                    ("batch_dims", node.Integer("batch_dims", 0)))),
        ])
    {
        SteeringInputs = [1],
    };
}
