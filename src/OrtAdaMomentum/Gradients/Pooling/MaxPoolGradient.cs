using OrtAdaMomentum.Gradients.Convolution;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Pooling;

/// <summary>Max pooling: the gradient of a window goes to the one element that was taken, which the operator can name itself.</summary>
internal static class MaxPoolGradient
{
    public static readonly GradientRule Rule = new("MaxPool", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var places = node.Integer("storage_order", 0) == 0
            ? node.RequireOutput(1, new TensorType(ElementType.Int64, node.Output().Type.Shape))
            : RowMajorPlaces(node, x);

        Offer(node, x, places);

        // Places count through the whole tensor, batch and channels included. Overlapping windows may take the same element.
        var scattered = x.Graph.Node(
            "ScatterElements", [x.Graph.ZerosLike(x).Reshape(-1), places.Reshape(-1), g.Reshape(-1)],
            new TensorType(x.ElementType, [Dimension.Unknown]), ("axis", 0L), ("reduction", "add"));
        return [scattered.ReshapeLike(x).OrBy("MaxPoolBackward", [g, places, x])];
    });

    /// <summary>Offers the pooling itself, which takes longer where it has to name what it took.</summary>
    private static void Offer(GradientContext node, SymbolicTensor x, SymbolicTensor places)
    {
        var kernel = node.Integers("kernel_shape")!;
        if (kernel.Length != 2 || node.Integer("ceil_mode", 0) != 0 || node.Integer("storage_order", 0) != 0)
            return;
        // ONNX Runtime pads to the same size as if taps lay side by side.
        bool spaced = SlidingWindow.Ones(node, "dilations", 2).Any(static distance => distance != 1);
        if (spaced && node.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal))
            return;
        var window = SlidingWindow.Of(node, kernel, x);
        if (window.AtRunTime is not null)
            return;
        x.Graph.Offer(
            "MaxPoolForward", [x], [node.Output(), places],
            ("kernel", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", window.Pads));
    }

    /// <summary>The operator was told to number elements column by column; asks once more, row by row.</summary>
    private static SymbolicTensor RowMajorPlaces(GradientContext node, SymbolicTensor x)
    {
        var kernel = node.Integers("kernel_shape")!;
        return x.Graph.Nodes(
            "MaxPool", [x], [node.Output().Type, new TensorType(ElementType.Int64, node.Output().Type.Shape)],
            ("kernel_shape", kernel),
            ("strides", SlidingWindow.Ones(node, "strides", kernel.Length)),
            ("dilations", SlidingWindow.Ones(node, "dilations", kernel.Length)),
            ("auto_pad", node.Text("auto_pad", "NOTSET")),
            ("pads", node.Integers("pads") ?? new long[2 * kernel.Length]),
            ("ceil_mode", node.Integer("ceil_mode", 0)))[1];
    }
}
