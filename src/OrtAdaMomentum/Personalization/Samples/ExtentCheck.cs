namespace OrtAdaMomentum.Personalization;

/// <summary>Checks the extents of a sample on the axes that the model leaves open.</summary>
internal static class ExtentCheck
{
    /// <summary>Checks the axes of one tensor.</summary>
    /// <param name="axes">The open axes of the model.</param>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">Its shape, which has as many axes as the model takes.</param>
    /// <param name="batchAxes">Axes before those of a sample: 1 in a batch, otherwise 0.</param>
    /// <param name="what">What the tensor is, for messages.</param>
    /// <exception cref="InvalidSampleException">An extent is out of its bounds.</exception>
    public static void CheckBounds(IReadOnlyList<OpenAxis> axes, string name, IReadOnlyList<long> shape, int batchAxes, string what)
    {
        foreach (var axis in axes)
        {
            if (axis.Tensor != name)
                continue;
            long extent = shape[axis.Axis + batchAxes];
            if (extent < axis.Least)
                throw new InvalidSampleException($"{what} {axis} must have an extent of at least {axis.Least}, was {extent}.");
            if (extent > axis.Most)
                throw new InvalidSampleException($"{what} {axis} has an extent of {extent}, more than the {axis.Most} that MaximumExtents allows. Send a shorter one, or raise the limit.");
        }
    }

    /// <summary>Checks that axes of one name have the same extent.</summary>
    /// <param name="axes">The open axes of the model.</param>
    /// <param name="shapeOf">The shape of a tensor; null for one that is not known.</param>
    /// <param name="batchAxes">Axes before those of a sample: 1 in a batch, otherwise 0.</param>
    /// <exception cref="InvalidSampleException">They have not.</exception>
    public static void CheckNames(IReadOnlyList<OpenAxis> axes, Func<string, IReadOnlyList<long>?> shapeOf, int batchAxes)
    {
        var seen = new Dictionary<string, (OpenAxis Axis, long Extent)>(StringComparer.Ordinal);
        foreach (var axis in axes)
        {
            if (axis.Symbol is not { } symbol || shapeOf(axis.Tensor) is not { } shape)
                continue;
            long extent = shape[axis.Axis + batchAxes];
            if (!seen.TryAdd(symbol, (axis, extent)) && seen[symbol].Extent != extent)
                throw new InvalidSampleException($"{axis.Place} has an extent of {extent}, but {seen[symbol].Axis.Place} one of {seen[symbol].Extent}; both are the model's '{symbol}'.");
        }
    }
}
