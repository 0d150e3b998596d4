using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Signal;

/// <summary>
/// The discrete Fourier transform y = F x over one axis, complex numbers as pairs in the last axis. With real and imaginary parts as
/// separate numbers its gradient is Fᴴ g: without the factor 1/N that an inverse has, the transform in the other direction. Bins that
/// a one-sided transform leaves out have gradient zero, samples that it cut off or made up have none.
/// </summary>
internal static class DftGradient
{
    private const int DefaultAxis = -2;

    public static readonly GradientRule Rule = new("DFT", static node => [Gradient(node)])
    {
        SteeringInputs = [1, 2],
        Note = "the axis has to be a constant, and the number of samples where it is given",
    };

    private static SymbolicTensor Gradient(GradientContext node)
    {
        var (x, g) = (node.Input(0), node.Gradient);
        bool inverse = node.Integer("inverse", 0) != 0;
        long given = !node.HasInput(2) ? DefaultAxis : node.ConstantIntegers(2) is [var constant]
            ? constant
            : throw new FineTuningException("its axis is computed at run time; it has to be a constant");
        int axis = (int)(given < 0 ? given + x.Rank : given);
        if (inverse && node.Integer("onesided", 0) != 0)
            throw new FineTuningException("an inverse one-sided transform has no gradient rule; use a two-sided one");

        long? samples = !node.HasInput(1) ? x.Shape[axis].IsStatic ? x.Extent(axis) : null : node.ConstantIntegers(1) is [var count]
            ? count
            : throw new FineTuningException("its number of samples is computed at run time; it has to be a constant");
        var length = samples is { } known
            ? node.Graph.Numbers([known], ElementType.Int64)
            : x.ExtentOf(axis).Reshape();
        var shape = g.Shape.ToArray();
        shape[axis] = samples ?? x.Shape[axis];
        shape[^1] = 2;
        var back = node.Graph.Node(
            "DFT", [g, length, node.Graph.Numbers([axis], ElementType.Int64)], new TensorType(g.ElementType, shape), ("inverse", inverse ? 0L : 1L));

        // The runtime divides in one of the two directions.
        var factor = samples is { } fixedCount ? g.Like(fixedCount) : length.Cast(g.ElementType);
        back = inverse ? back / factor : back * factor;
        if (node.HasInput(1))
            back = FitTo(back, x, axis);
        return CutTo(back, x, x.Rank - 1);
    }

    /// <summary>Cuts the end off, or adds zeros, until an axis is as long as that of <paramref name="like"/>.</summary>
    private static SymbolicTensor FitTo(SymbolicTensor value, SymbolicTensor like, int axis)
    {
        var cut = CutTo(value, like, axis);
        if (cut.Shape[axis].IsStatic && like.Shape[axis].IsStatic)
            return cut.Pad([axis], [0], [like.Extent(axis) - cut.Extent(axis)]);
        var missing = like.ExtentOf(axis) - cut.ExtentOf(axis);
        return like.Graph.Node(
            "Pad", [cut, SymbolicTensor.Concat(0, missing.Graph.Integers(0), missing), null, missing.Graph.Integers(axis)],
            cut.WithAxis(axis, like.Shape[axis]), ("mode", "constant"));
    }

    private static SymbolicTensor CutTo(SymbolicTensor value, SymbolicTensor like, int axis)
    {
        if (like.Shape[axis].IsStatic && value.Shape[axis].IsStatic)
            return like.Extent(axis) < value.Extent(axis) ? value.Slice(axis, 0, like.Extent(axis)) : value;
        return like.Graph.Node(
            "Slice", [value, like.Graph.Integers(0), like.ExtentOf(axis), like.Graph.Integers(axis)], value.WithAxis(axis, Dimension.Unknown));
    }

    private static TensorType WithAxis(this SymbolicTensor value, int axis, Dimension extent)
    {
        var shape = value.Shape.ToArray();
        shape[axis] = extent;
        return new TensorType(value.ElementType, shape);
    }
}
