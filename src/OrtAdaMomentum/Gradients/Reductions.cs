namespace OrtAdaMomentum.Gradients;

/// <summary>What reductions over axes have in common.</summary>
internal static class Reductions
{
    /// <summary>
    /// Gives a value in the shape of a reduction's output the axes back that <c>keepdims=0</c> dropped, so that it broadcasts against
    /// the input. Where all axes were reduced, a scalar broadcasts by itself.
    /// </summary>
    public static SymbolicTensor RestoreAxes(GradientContext node, SymbolicTensor reduced)
    {
        if (node.Integer("keepdims", 1) != 0 || ReducesAll(node))
            return reduced;
        return node.ConstantIntegers(1) is { } axes && reduced.Type.Shape is not null
            ? reduced.Unsqueeze([.. axes.Select(static axis => (int)axis)])
            : node.Graph.Node("Unsqueeze", [reduced, node.Input(1)], new Onnx.TensorType(reduced.ElementType, null));
    }

    /// <summary>Whether the node certainly reduces every axis, because none is named.</summary>
    public static bool ReducesAll(GradientContext node) =>
        node.Integer("noop_with_empty_axes", 0) == 0 && (!node.HasInput(1) || node.ConstantIntegers(1) is { Length: 0 });
}
