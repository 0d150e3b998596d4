using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>Elementwise operators of any number of inputs, broadcast.</summary>
internal static class VariadicRules
{
    public static readonly GradientRule[] All =
    [
        new("Max", Extreme) { Broadcasts = true },
        new("Mean", static node => Each(node, node.Gradient / node.InputCount)) { Broadcasts = true },
        new("Min", Extreme) { Broadcasts = true },
        new("Sum", static node => Each(node, node.Gradient)) { Broadcasts = true },
    ];

    private static IReadOnlyList<SymbolicTensor?> Each(GradientContext node, SymbolicTensor gradient) =>
        [.. Enumerable.Repeat(gradient, node.InputCount)];

    /// <summary>The gradient goes to the inputs that were taken, in equal parts where several are.</summary>
    private static IReadOnlyList<SymbolicTensor?> Extreme(GradientContext node)
    {
        if (node.InputCount == 1)
            return [node.Gradient];
        var y = node.Output();
        SymbolicTensor[] taken = [.. Enumerable.Range(0, node.InputCount).Select(index => node.Input(index).IsEqualTo(y))];
        SymbolicTensor[] counts = [.. taken.Select(mask => mask.Cast(y.ElementType))];
        var count = counts.Length == 2 ? counts[0] + counts[1] : node.Graph.Node("Sum", counts, new TensorType(y.ElementType, y.Type.Shape));
        var share = node.Gradient / count;
        return [.. taken.Select(mask => mask.Choose(share, 0))];
    }
}
