namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>How a kernel moves over the spatial axes of its input, as convolution and pooling share it.</summary>
/// <param name="Kernel">Taps along each spatial axis.</param>
/// <param name="Strides">Distance between neighbouring windows.</param>
/// <param name="Dilations">Distance between neighbouring taps.</param>
/// <param name="Begin">Zeros before the input.</param>
/// <param name="End">Zeros after the input.</param>
internal sealed record SlidingWindow(long[] Kernel, long[] Strides, long[] Dilations, long[] Begin, long[] End)
{
    /// <summary>The spatial axes of a tensor [batch, channels, ...].</summary>
    public int[] Axes => [.. Enumerable.Range(2, Kernel.Length)];

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
    /// <exception cref="UnknownShapeException">The automatic padding depends on an extent that is not fixed.</exception>
    public static SlidingWindow Of(GradientContext node, long[] kernel, SymbolicTensor input)
    {
        int rank = kernel.Length;
        var pads = node.Integers("pads") ?? new long[2 * rank];
        var window = new SlidingWindow(kernel, Ones(node, "strides", rank), Ones(node, "dilations", rank), pads[..rank], pads[rank..]);
        string mode = node.Text("auto_pad", "NOTSET");
        return mode switch
        {
            "SAME_UPPER" => window.PaddedToSame(input, oddAtEnd: true),
            "SAME_LOWER" => window.PaddedToSame(input, oddAtEnd: false),
            "VALID" => window with { Begin = new long[rank], End = new long[rank] },
            _ => window,
        };
    }

    /// <summary>An attribute with one number per spatial axis, ones when it is not given.</summary>
    public static long[] Ones(GradientContext node, string attribute, int rank) => node.Integers(attribute) ?? [.. Enumerable.Repeat(1L, rank)];

    private SlidingWindow PaddedToSame(SymbolicTensor input, bool oddAtEnd)
    {
        var (begin, end) = (new long[Kernel.Length], new long[Kernel.Length]);
        for (int axis = 0; axis < Kernel.Length; axis++)
        {
            // One window per stride. At stride 1 that does not depend on the extent.
            long stride = Strides[axis];
            long total = stride == 1
                ? Reach(axis)
                : Math.Max(0, ((input.Extent(axis + 2) - 1) / stride * stride) + Reach(axis) + 1 - input.Extent(axis + 2));
            begin[axis] = oddAtEnd ? total / 2 : total - (total / 2);
            end[axis] = total - begin[axis];
        }

        return this with { Begin = begin, End = end };
    }
}
