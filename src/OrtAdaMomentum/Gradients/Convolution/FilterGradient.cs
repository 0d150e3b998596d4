namespace OrtAdaMomentum.Gradients.Convolution;

/// <summary>
/// The gradient of a convolution filter. Every tap of the filter is the product of two matrices: the output gradient and the input as that
/// tap sees it. (A convolution with batch and channels exchanged gives the same in one node, but runs several times slower.)
/// </summary>
internal static class FilterGradient
{
    // Below this many input channels a product per tap has too few columns to run fast: all taps then go into one product.
    private const long FewChannels = 16;

    /// <summary>Sums <paramref name="small"/> times <paramref name="wide"/> over batch and windows for each pair of channels and tap.</summary>
    /// <param name="small">One element per window: [batch, filter axis 0, ...].</param>
    /// <param name="wide">What the windows move over, padding included: [batch, groups * filter axis 1, ...].</param>
    /// <param name="window">The windows; their padding is not used.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <param name="filter">The filter, for its shape.</param>
    /// <param name="unused">Elements at the end of each axis of <paramref name="wide"/> that no window reaches even partly.</param>
    public static SymbolicTensor Of(
        SymbolicTensor small, SymbolicTensor wide, SlidingWindow window, long groups, SymbolicTensor filter, long[]? unused = null)
    {
        var (rows, columns) = (filter.Extent(0), filter.Extent(1));
        var slices = window.Taps().Select(tap => SliceOf(wide, window, tap, unused)).ToArray();
        SymbolicTensor taps;
        if (groups > 1 && columns == 1)
            taps = Depthwise(small, slices, groups, rows, window);
        else if (columns < FewChannels && slices.Length > 1)
            taps = OneProduct(small, slices, groups, rows, columns);
        else
            taps = ProductPerTap(small, slices, groups, rows, columns);
        return taps.ReshapeLike(filter);
    }

    /// <summary>The elements under one tap, one per window. Ends count from the end, so that no extent needs to be known.</summary>
    private static SymbolicTensor SliceOf(SymbolicTensor wide, SlidingWindow window, long[] tap, long[]? unused)
    {
        int rank = tap.Length;
        var (starts, ends) = (new long[rank], new long[rank]);
        bool whole = true;
        for (int axis = 0; axis < rank; axis++)
        {
            starts[axis] = tap[axis] * window.Dilations[axis];
            long left = window.Reach(axis) - starts[axis] + (unused?[axis] ?? 0);
            ends[axis] = left == 0 ? long.MaxValue : -left;
            whole &= starts[axis] == 0 && left == 0 && window.Strides[axis] == 1;
        }

        return whole ? wide : wide.Slice(window.Axes, starts, ends, window.Strides);
    }

    private static SymbolicTensor Depthwise(SymbolicTensor small, SymbolicTensor[] slices, long groups, long rows, SlidingWindow window)
    {
        if (rows == groups)
        {
            int[] summed = [0, .. window.Axes];
            return Stack(slices.Select(slice => (small * slice).ReduceSum(summed, keepDimensions: false)), rows, 1);
        }

        var outer = Matrices(small, groups, rows / groups);
        return Stack(slices.Select(slice => (outer * Matrices(slice, groups, 1)).ReduceSum([0, 3], keepDimensions: false)), rows, 1);
    }

    private static SymbolicTensor ProductPerTap(SymbolicTensor small, SymbolicTensor[] slices, long groups, long rows, long columns)
    {
        // The operand that all taps share is turned once, and what comes out is turned back once.
        var right = Matrices(small, groups, rows / groups).TransposeMatrices();
        SymbolicTensor[] products =
        [
            .. slices.Select(slice => Matrices(slice, groups, columns).MatMul(right).ReduceSum([0], keepDimensions: true)),
        ];
        int[] backwards = groups == 1 ? [2, 1, 0] : [1, 3, 2, 0];
        return SymbolicTensor.Concat(0, products).Transpose(backwards);
    }

    private static SymbolicTensor OneProduct(SymbolicTensor small, SymbolicTensor[] slices, long groups, long rows, long columns)
    {
        var right = SymbolicTensor.Concat(groups == 1 ? 1 : 2, [.. slices.Select(slice => Matrices(slice, groups, columns))]);
        var product = Matrices(small, groups, rows / groups).MatMul(right.TransposeMatrices()).ReduceSum([0], keepDimensions: false);
        return product.Reshape(rows, slices.Length, columns).Transpose(0, 2, 1);
    }

    /// <summary>Channels as rows, windows as columns, one matrix per image and group.</summary>
    private static SymbolicTensor Matrices(SymbolicTensor tensor, long groups, long channels)
    {
        // An empty batch leaves nothing to compute the number of windows from.
        bool known = tensor.Shape.Skip(2).All(static dimension => dimension is { IsStatic: true, Extent: > 0 });
        long images = known ? -1 : 0;
        long windows = known ? tensor.Shape.Skip(2).Aggregate(1L, static (product, dimension) => product * dimension.Extent) : -1;
        return groups == 1 ? tensor.Reshape(images, channels, windows) : tensor.Reshape(images, groups, channels, windows);
    }

    private static SymbolicTensor Stack(IEnumerable<SymbolicTensor> taps, long rows, long columns) =>
        SymbolicTensor.Concat(2, [.. taps.Select(tap => tap.Reshape(rows, columns, 1))]);
}
