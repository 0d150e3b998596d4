using System.Diagnostics.CodeAnalysis;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Whether the shape of a stored sample fits the axes the model declares. Axes of extent 1 may be missing or extra (28 × 28 for 1 × 28 × 28),
/// and a flat row may stand for a tensor or the reverse. Anything else with an equal number of elements is refused: it is more likely
/// a wrong axis order (height × width × channels for channels × height × width) than meant.
/// </summary>
internal static class ShapeFit
{
    public static bool TryFit(IReadOnlyList<long> stored, IReadOnlyList<Dimension> wanted, [NotNullWhen(true)] out long[]? shape)
    {
        shape = null;
        if (stored.Count == wanted.Count && stored.Zip(wanted).All(static pair => !pair.Second.IsStatic || pair.Second.Extent == pair.First))
        {
            shape = [.. stored];
            return true;
        }

        if (!wanted.All(static axis => axis.IsStatic))
            return false;
        long[] extents = [.. wanted.Select(static axis => axis.Extent)];
        long[] storedCore = WithoutUnits(stored), wantedCore = WithoutUnits(extents);
        bool flat = (storedCore.Length <= 1 || wantedCore.Length <= 1) && Product(storedCore) == Product(wantedCore);
        if (!flat && !storedCore.AsSpan().SequenceEqual(wantedCore))
            return false;
        shape = extents;
        return true;
    }

    /// <summary>The number of elements; 0 and above, saturated where it does not fit.</summary>
    public static long Product(IEnumerable<long> shape)
    {
        Int128 product = 1;
        foreach (long extent in shape)
            product = Int128.Min(product * extent, long.MaxValue);
        return (long)product;
    }

    private static long[] WithoutUnits(IReadOnlyList<long> shape) => [.. shape.Where(static extent => extent != 1)];
}
