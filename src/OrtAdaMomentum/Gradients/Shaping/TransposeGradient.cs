namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Axes in another order: the gradient's axes go back.</summary>
internal static class TransposeGradient
{
    public static readonly GradientRule Rule = new("Transpose", static node =>
    {
        // Without a permutation the axes are reversed, which undoes itself.
        if (node.Integers("perm") is not { } permutation)
            return [node.Graph.Node("Transpose", [node.Gradient], node.Input(0).Type)];
        var inverse = new int[permutation.Length];
        for (int axis = 0; axis < inverse.Length; axis++)
            inverse[permutation[axis]] = axis;
        return [node.Gradient.Transpose(inverse)];
    });
}
