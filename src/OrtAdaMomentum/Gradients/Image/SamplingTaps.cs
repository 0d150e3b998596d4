using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>The pixels that samples read along one axis of an image, each tensor [batch, samples, taps].</summary>
/// <param name="Places">Places of the pixels, inside the image.</param>
/// <param name="Weights">Factors of the pixels; null where they are one.</param>
/// <param name="Slopes">Derivatives of the factors by the normalised coordinate; null where the samples jump from pixel to pixel.</param>
internal sealed record SamplingTaps(SymbolicTensor Places, SymbolicTensor? Weights, SymbolicTensor? Slopes)
{
    // Keys' kernel at distances 1+t, t, 1-t and 2-t: rows are powers of t, columns are taps.
    private const double A = -0.75;

    private static readonly double[] Cubic = [0, 1, 0, 0, A, 0, -A, 0, -2 * A, -(A + 3), (2 * A) + 3, A, A, A + 2, -(A + 2), -A];

    private static readonly double[] CubicSlope =
        [A, 0, -A, 0, -4 * A, -2 * (A + 3), 2 * ((2 * A) + 3), 2 * A, 3 * A, 3 * (A + 2), -3 * (A + 2), -3 * A, 0, 0, 0, 0];

    /// <summary>
    /// The taps for <paramref name="coordinates"/> [batch, samples], which run from -1 to 1 along <paramref name="axis"/> of
    /// <paramref name="image"/>.
    /// </summary>
    public static SamplingTaps Of(SymbolicTensor coordinates, SymbolicTensor image, int axis, string mode, string padding, bool alignCorners)
    {
        var graph = coordinates.Graph;
        var pixels = Multiple(image, axis, 1, alignCorners ? 1 : 0).Cast(coordinates.ElementType);
        var scale = image.Shape[axis].IsStatic ? coordinates.Like((image.Extent(axis) - (alignCorners ? 1 : 0)) * 0.5) : pixels * 0.5;
        var position = (coordinates + 1) * scale;
        if (!alignCorners)
            position -= 0.5;

        if (mode == "nearest")
        {
            var nearest = position.Unary("Round").Cast(ElementType.Int64).Unsqueeze(2);
            var (inside, isNearestInside) = Padded(nearest, image, axis, padding, alignCorners);
            return new SamplingTaps(inside, isNearestInside?.Cast(coordinates.ElementType), null);
        }

        var below = position.Unary("Floor");
        var fraction = (position - below).Unsqueeze(2);
        SymbolicTensor weights, slopes, offsets;
        if (mode == "cubic")
        {
            var powers = fraction.Pow(graph.Numbers([0, 1, 2, 3], fraction.ElementType, 4));
            weights = powers.MatMul(graph.Numbers(Cubic, fraction.ElementType, 4, 4));
            slopes = powers.MatMul(graph.Numbers(CubicSlope, fraction.ElementType, 4, 4)) * scale;
            offsets = graph.Integers(-1, 0, 1, 2);
        }
        else
        {
            weights = SymbolicTensor.Concat(2, 1 - fraction, fraction);
            slopes = graph.Numbers([-1, 1], fraction.ElementType, 2) * scale;
            offsets = graph.Integers(0, 1);
        }

        var (places, isInside) = Padded(below.Cast(ElementType.Int64).Unsqueeze(2) + offsets, image, axis, padding, alignCorners);
        if (isInside?.Cast(weights.ElementType) is { } mask)
            (weights, slopes) = (weights * mask, slopes * mask);
        return new SamplingTaps(places, weights, slopes);
    }

    /// <summary>The places moved into the image, and which were inside, where those outside count as zero.</summary>
    private static (SymbolicTensor Places, SymbolicTensor? IsInside) Padded(
        SymbolicTensor places, SymbolicTensor image, int axis, string padding, bool alignCorners)
    {
        if (padding == "reflection")
        {
            // Around the outermost pixels, or around their outer edges.
            var period = Multiple(image, axis, 2, alignCorners ? 2 : 0);
            var divisor = image.Shape[axis].IsStatic
                ? places.Like(Math.Max(1, (2 * image.Extent(axis)) - (alignCorners ? 2 : 0)))
                : places.Graph.Node("Max", [period, places.Like(1)], period.Type);
            var within = places.Graph.Node("Mod", [places, divisor], places.Type);
            return (places.Graph.Node("Min", [within, Multiple(image, axis, 2, alignCorners ? 2 : 1) - within], places.Type), null);
        }

        var fromFirst = places.Graph.Node("Max", [places, places.Like(0)], places.Type);
        var inside = places.Graph.Node("Min", [fromFirst, Multiple(image, axis, 1, 1)], places.Type);
        return (inside, padding == "border" ? null : inside.IsEqualTo(places));
    }

    /// <summary>The extent of an axis times <paramref name="factor"/>, less <paramref name="less"/>.</summary>
    private static SymbolicTensor Multiple(SymbolicTensor image, int axis, long factor, long less) =>
        image.Shape[axis].IsStatic
            ? image.Graph.Integers((image.Extent(axis) * factor) - less)
            : (image.ExtentOf(axis) * factor) - less;
}
