using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Division by the 1- or 2-norm along an axis. Where all elements are zero the operator gives zeros, and no gradient flows.</summary>
internal static class LpNormalizationGradient
{
    public static readonly GradientRule Rule = new("LpNormalization", static node =>
    {
        var (x, y, g) = (node.Input(0), node.Output(), node.Gradient);
        bool euclidean = node.Integer("p", 2) == 2;
        int axis = (int)node.Integer("axis", -1);
        if (axis < 0)
            axis += x.Rank;

        var type = new TensorType(x.ElementType, [.. x.Shape.Select((dimension, place) => place == axis ? Dimension.Of(1) : dimension)]);
        var norm = x.Graph.Node(euclidean ? "ReduceL2" : "ReduceL1", [x, x.Graph.Integers(axis)], type, ("keepdims", 1L));
        var slope = euclidean ? y : x.Sign();
        var gradient = g - (slope * (g * y).ReduceSum([axis], keepDimensions: true));
        return [norm.IsEqualTo(norm.Like(0)).Choose(0, gradient / norm)];
    });
}
