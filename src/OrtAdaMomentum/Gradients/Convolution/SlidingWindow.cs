using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>How a kernel moves over the spatial axes of its input, as convolution and pooling share it.</summary>
/// <param name="Kernel">Taps along each spatial axis.</param>
/// <param name="Strides">Distance between neighbouring windows.</param>
/// <param name="Dilations">Distance between neighbouring taps.</param>
/// <param name="Begin">Zeros before the input.</param>
/// <param name="End">Zeros after the input.</param>
internal sealed record SlidingWindow(long[] Kernel, long[] Strides, long[] Dilations, long[] Begin, long[] End)
{
    /// <summary>
    /// Zeros before and after as lists of integers that only the run tells; null where <see cref="Begin"/> and <see cref="End"/> are known.
    /// </summary>
    public (SymbolicTensor Begin, SymbolicTensor End)? AtRunTime { get; init; }

    /// <summary>The spatial axes of a tensor [batch, channels, ...].</summary>
    public int[] Axes => [.. Enumerable.Range(2, Kernel.Length)];

    /// <summary>Zeros before, then after, as ONNX writes them.</summary>
    public long[] Pads => [.. Begin, .. End];

    /// <summary>Number of taps of the kernel.</summary>
    public long TapCount => Kernel.Aggregate(1L, static (product, taps) => product * taps);

    /// <summary>Whether neighbouring windows are one element apart along every axis.</summary>
    public bool HasUnitStrides => Strides.All(static stride => stride == 1);

    /// <summary>Distance from the first tap to the last.</summary>
    public long Reach(int axis) => Dilations[axis] * (Kernel[axis] - 1);

    /// <summary>The taps as coordinates in the kernel, in row-major order.</summary>
    public IEnumerable<long[]> Taps()
    {
        for (long flat = 0; flat < TapCount; flat++)
        {
            var tap = new long[Kernel.Length];
            long rest = flat;
            for (int axis = Kernel.Length - 1; axis >= 0; axis--)
                (rest, tap[axis]) = Math.DivRem(rest, Kernel[axis]);
            yield return tap;
        }
    }

    /// <summary>Reads strides, dilations and explicit or automatic padding of a convolution or pooling over <paramref name="input"/>.</summary>
    public static SlidingWindow Of(GradientContext node, long[] kernel, SymbolicTensor input)
    {
        int rank = kernel.Length;
        var pads = node.Integers("pads") ?? new long[2 * rank];
        var window = new SlidingWindow(kernel, Ones(node, "strides", rank), Ones(node, "dilations", rank), pads[..rank], pads[rank..]);
        string mode = node.Text("auto_pad", "NOTSET");
        if (mode == "VALID")
            return window with { Begin = new long[rank], End = new long[rank] };
        if (mode is not ("SAME_UPPER" or "SAME_LOWER"))
            return window;
        // At stride 1 the padding does not depend on the extent.
        return window.Axes.All(axis => window.Strides[axis - 2] == 1 || input.Shape[axis].IsStatic)
            ? window.PaddedToSame(input, oddAtEnd: mode == "SAME_UPPER")
            : window.PaddedToSameAtRunTime(input, node.Output(), oddAtEnd: mode == "SAME_UPPER");
    }

    /// <summary>An attribute with one number per spatial axis, ones when it is not given.</summary>
    public static long[] Ones(GradientContext node, string attribute, int rank) => node.Integers(attribute) ?? [.. Enumerable.Repeat(1L, rank)];

    /// <summary>Adds the padding around <paramref name="input"/>, and more zeros after it where told.</summary>
    public SymbolicTensor Pad(SymbolicTensor input, long[]? more = null)
    {
        if (AtRunTime is not { } padding)
            return input.Pad(Axes, Begin, more is null ? End : [.. End.Zip(more, static (end, count) => end + count)]);
        var end = more is null ? padding.End : padding.End + input.Graph.Integers(more);
        return input.Graph.Node(
            "Pad", [input, SymbolicTensor.Concat(0, padding.Begin, end), null, SpatialAxes(input)],
            new TensorType(input.ElementType, [.. input.Shape.Take(2), .. new Dimension[Kernel.Length]]), ("mode", "constant"));
    }

    /// <summary>The numbers of the spatial axes as operators take them.</summary>
    public SymbolicTensor SpatialAxes(SymbolicTensor tensor) => tensor.Graph.Integers([.. Axes.Select(static axis => (long)axis)]);

    /// <summary>The extents of the spatial axes at run time.</summary>
    public SymbolicTensor Extents(SymbolicTensor tensor) =>
        tensor.Graph.Node("Shape", [tensor], TensorType.Of(ElementType.Int64, Kernel.Length), ("start", 2L));

    private SlidingWindow PaddedToSame(SymbolicTensor input, bool oddAtEnd)
    {
        var (begin, end) = (new long[Kernel.Length], new long[Kernel.Length]);
        for (int axis = 0; axis < Kernel.Length; axis++)
        {
            // One window per stride.
            long stride = Strides[axis];
            long total = stride == 1
                ? Reach(axis)
                : Math.Max(0, ((input.Extent(axis + 2) - 1) / stride * stride) + Reach(axis) + 1 - input.Extent(axis + 2));
            begin[axis] = oddAtEnd ? total / 2 : total - (total / 2);
            end[axis] = total - begin[axis];
        }

        return this with { Begin = begin, End = end };
    }

    private SlidingWindow PaddedToSameAtRunTime(SymbolicTensor input, SymbolicTensor output, bool oddAtEnd)
    {
        var graph = input.Graph;
        var sizes = graph.Integers([.. Kernel.Select((_, axis) => Reach(axis) + 1 - Strides[axis])]);
        var lacking = (Extents(output) * graph.Integers(Strides)) + sizes - Extents(input);
        var total = graph.Node("Max", [lacking, lacking.Like(0)], lacking.Type);
        var half = total / total.Like(2);
        return this with { AtRunTime = oddAtEnd ? (half, total - half) : (total - half, half) };
    }
}
