using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Convolutions whose taps are shifted.</summary>
internal static class DeformConvCases
{
    // Samples have kinks where they lie on the rows and columns of the image.
    private static readonly double[] Pixels = [-2, -1, 0, 1, 2];

    public static readonly GradientCase[] All =
    [
        Deform("kernel 2x2", [2, 2, 3, 4], [3, 2, 2, 2], [2, 3]),
        Deform("kernel 3x2, padded", [1, 2, 4, 3], [2, 2, 3, 2], [4, 4], ("pads", [1, 1, 1, 1])),
        Deform("stride 2, asymmetric padding", [1, 1, 5, 4], [2, 1, 2, 3], [3, 2], ("strides", [2, 2]), ("pads", [1, 0, 0, 1])),
        Deform("dilation 2", [1, 2, 5, 4], [2, 2, 2, 2], [3, 2], ("dilations", [2, 2])),
        Deform("2 groups", [1, 4, 3, 3], [4, 2, 2, 2], [2, 2], ("group", 2)),
        Deform("2 groups of offsets", [2, 4, 3, 3], [2, 4, 2, 2], [2, 2], ("offset_group", 2)),
        Deform("2 groups, 4 of offsets, all attributes", [1, 4, 5, 6], [2, 2, 2, 2], [3, 3], ("group", 2), ("offset_group", 4),
            ("strides", [2, 2]), ("dilations", [2, 1]), ("pads", [1, 0, 1, 0]), ("kernel_shape", [2, 2])),
        Deform("image of one row", [1, 1, 1, 4], [1, 1, 1, 2], [1, 3]),
        new("DeformConv", "no bias, no mask", Any(1, 2, 3, 3), Any(2, 2, 2, 2).AsParameter, AwayFrom(Pixels, 1, 8, 2, 2)),
        new("DeformConv", "bias without mask", Any(1, 2, 3, 3), Any(2, 2, 2, 2).AsParameter, AwayFrom(Pixels, 1, 8, 2, 2), Any(2).AsParameter),
        new("DeformConv", "mask without bias", Any(1, 2, 3, 3), Any(2, 2, 2, 2).AsParameter, AwayFrom(Pixels, 1, 8, 2, 2), Omitted, Any(1, 4, 2, 2)),
        new("DeformConv", "frozen filter and offsets", Any(1, 2, 3, 3), Any(2, 2, 2, 2).AsConstant, AwayFrom(Pixels, 1, 8, 2, 2).AsFed),
    ];

    private static GradientCase Deform(
        string description, long[] input, long[] filter, long[] output, params (string Name, CaseAttribute Value)[] attributes)
    {
        long offsetGroups = attributes.FirstOrDefault(static pair => pair.Name == "offset_group").Value.Value as long? ?? 1;
        long places = filter[2] * filter[3] * offsetGroups;
        return new GradientCase(
            "DeformConv", description, Any(input), Any(filter).AsParameter, AwayFrom(Pixels, input[0], 2 * places, output[0], output[1]),
            Any(filter[0]).AsParameter, Any(input[0], places, output[0], output[1]))
            .With([.. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
    }
}
