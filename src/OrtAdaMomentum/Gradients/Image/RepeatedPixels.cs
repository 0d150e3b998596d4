namespace OrtAdaMomentum.Gradients.Image;

/// <summary>Nearest-neighbour enlargement by whole factors repeats every pixel: its gradient is the sum over the block of copies.</summary>
internal static class RepeatedPixels
{
    /// <summary>The factors of the axes behind the first two; null where the node does not just repeat along those.</summary>
    public static long[]? Factors(ResizeNode resize, int[] positions)
    {
        bool repeats = resize.Coordinates switch
        {
            "asymmetric" => resize.Rounding == "floor",
            "half_pixel" or "half_pixel_symmetric" or "pytorch_half_pixel" => resize.Rounding is "round_prefer_floor" or "round_prefer_ceil",
            _ => false,
        };
        if (resize.Mode != "nearest" || !repeats || resize.KeepsRatio || resize.Rank is < 3 or > 5)
            return null;

        var factors = Enumerable.Repeat(1L, resize.Rank - 2).ToArray();
        foreach (int position in positions)
        {
            int axis = resize.Axes[position];
            if (axis < 2 || Factor(resize, position) is not { } factor)
                return null;
            factors[axis - 2] = factor;
        }

        return factors;
    }

    /// <summary>A pool averages the blocks, wherever they lie, without knowing extents.</summary>
    public static SymbolicTensor Sum(SymbolicTensor g, long[] factors, SymbolicTensor x) =>
        g.Graph.Node("AveragePool", [g], x.Type, ("kernel_shape", factors), ("strides", factors))
        * factors.Aggregate(1L, static (product, factor) => product * factor);

    private static long? Factor(ResizeNode resize, int position)
    {
        if (!resize.IsGivenSizes)
            return resize.Scale(position) is { } scale && scale >= 1 && scale == MathF.Floor(scale) ? (long)scale : null;
        var (input, output) = (resize.Input.Shape[resize.Axes[position]], resize.Output.Shape[resize.Axes[position]]);
        return input is { IsStatic: true, Extent: > 0 } && output.IsStatic && output.Extent >= input.Extent && output.Extent % input.Extent == 0
            ? output.Extent / input.Extent
            : null;
    }
}
