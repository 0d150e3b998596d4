using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>
/// The gradient of any operator that only picks elements: the operator, applied to the numbers of the input's elements, tells where each
/// output element came from. Works whatever is known of shapes and parameters, at the price of integers as many as the input's elements.
/// </summary>
internal static class ElementSources
{
    /// <summary>Adds each element of <paramref name="gradient"/> to the place in the shape of <paramref name="x"/> that it was picked from.</summary>
    /// <param name="x">The operator's input.</param>
    /// <param name="gradient">Gradient of its output.</param>
    /// <param name="pick">Applies the operator to a tensor of integers in the shape of the input.</param>
    public static SymbolicTensor ScatterBack(SymbolicTensor x, SymbolicTensor gradient, Func<SymbolicTensor, SymbolicTensor> pick)
    {
        var graph = x.Graph;
        var scattered = graph.Node(
            "ScatterElements", [graph.ZerosLike(x).Reshape(-1), pick(Numbers(x)).Reshape(-1), gradient.Reshape(-1)],
            new TensorType(x.ElementType, [Dimension.Unknown]), ("axis", 0L), ("reduction", "add"));
        return scattered.ReshapeLike(x);
    }

    /// <summary>The numbers of the elements of <paramref name="like"/>, in its shape: 0, 1, 2 and so on in row-major order.</summary>
    public static SymbolicTensor Numbers(SymbolicTensor like)
    {
        var graph = like.Graph;
        var count = graph.Node("Size", [like], TensorType.Of(ElementType.Int64));
        return graph.CountTo(count, Dimension.Unknown).ReshapeLike(like);
    }
}
