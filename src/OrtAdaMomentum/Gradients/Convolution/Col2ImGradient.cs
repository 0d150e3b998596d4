using OrtAdaMomentum.Gradients.Pooling;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>
/// Blocks added up to an image: every element of a block finds its gradient at its place in the image. Taking the blocks out of an image is
/// a convolution with one filter per element of the block that picks just that element.
/// </summary>
internal static class Col2ImGradient
{
    public static readonly GradientRule Rule = new("Col2Im", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var block = node.ConstantIntegers(2)
            ?? throw new FineTuningException("its block shape is computed by the model; its gradient needs a constant (fix what the shape is computed from)");
        int rank = block.Length;
        var pads = node.Integers("pads") ?? new long[2 * rank];
        var window = new SlidingWindow(
            block, SlidingWindow.Ones(node, "strides", rank), SlidingWindow.Ones(node, "dilations", rank), pads[..rank], pads[rank..]);

        var blocks = x.Graph.Node(
            "Conv", [WindowSpread.Images(g), Pickers(x, window)],
            new TensorType(x.ElementType, [Dimension.Unknown, window.TapCount, .. new Dimension[rank]]),
            ("kernel_shape", block), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", pads));
        return [blocks.ReshapeLike(x)];
    });

    private static SymbolicTensor Pickers(SymbolicTensor x, SlidingWindow window)
    {
        long count = window.TapCount;
        var identity = new double[count * count];
        for (long place = 0; place < count; place++)
            identity[place * (count + 1)] = 1;
        return x.Graph.Numbers(identity, x.ElementType, [count, 1, .. window.Kernel]);
    }
}
