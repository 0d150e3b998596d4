using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Transposed convolutions.</summary>
internal static class ConvTransposeCases
{
    private const string PaddingFromExtent = "the padding follows from the extents and the output shape asked for";

    public static readonly GradientCase[] All =
    [
        Conv("kernel 1x1", [2, 3, 3, 2], [3, 2, 1, 1]),
        Conv("kernel 3x3", [2, 2, 3, 4], [2, 3, 3, 3]),
        Conv("kernel 3x3, padded", [2, 2, 4, 3], [2, 3, 3, 3], ("pads", [1, 1, 1, 1])),
        Conv("kernel 2x3, asymmetric padding", [2, 2, 4, 3], [2, 2, 2, 3], ("pads", [1, 0, 0, 2])),
        Conv("kernel 2x2, stride 2", [2, 2, 3, 2], [2, 3, 2, 2], ("strides", [2, 2])),
        Conv("kernel 4x4, stride 2, padded", [1, 2, 3, 3], [2, 2, 4, 4], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Conv("kernel 2x2, stride 3", [1, 2, 3, 2], [2, 2, 2, 2], ("strides", [3, 3])),
        Conv("stride 2, output padding", [2, 2, 3, 3], [2, 2, 3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1]),
            ("output_padding", [1, 1])),
        Conv("stride 3 by 2, output padding 2 by 0", [1, 2, 2, 3], [2, 2, 3, 2], ("strides", [3, 2]), ("output_padding", [2, 0])),
        Conv("dilation 2", [1, 2, 3, 4], [2, 2, 3, 2], ("dilations", [2, 2])),
        Conv("dilation 2, stride 2, padded", [1, 2, 3, 3], [2, 2, 2, 3], ("dilations", [2, 2]), ("strides", [2, 2]),
            ("pads", [1, 1, 0, 1])),
        Conv("2 groups", [2, 4, 3, 3], [4, 3, 2, 2], ("group", 2)),
        Conv("2 groups, stride 2", [1, 4, 3, 3], [4, 2, 3, 3], ("group", 2), ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Conv("depthwise, stride 2", [2, 3, 3, 2], [3, 1, 2, 2], ("group", 3), ("strides", [2, 2])),
        Conv("depthwise with 2 outputs per channel", [2, 2, 3, 3], [2, 2, 3, 3], ("group", 2)),
        Conv("many output channels", [2, 2, 3, 2], [2, 17, 2, 2], ("strides", [2, 2])),
        Conv("output shape", [1, 2, 3, 3], [2, 2, 3, 3], ("strides", [2, 2]), ("output_shape", [6, 5])) with
        {
            StaticOnly = PaddingFromExtent,
        },
        Conv("output shape beyond what the windows reach", [1, 2, 3, 3], [2, 2, 3, 3], ("strides", [2, 3]), ("output_shape", [8, 11])) with
        {
            StaticOnly = PaddingFromExtent,
        },
        Conv("output shape, odd padding in front", [1, 2, 3, 4], [2, 2, 4, 3], ("strides", [2, 2]), ("output_shape", [5, 8]),
            ("auto_pad", "SAME_LOWER")) with
        {
            StaticOnly = PaddingFromExtent,
        },
        Conv("output shape, odd padding at the end", [1, 2, 3, 4], [2, 2, 4, 3], ("strides", [2, 2]), ("output_shape", [5, 8]),
            ("auto_pad", "SAME_UPPER")) with
        {
            StaticOnly = PaddingFromExtent,
        },
        Conv("SAME_UPPER, stride 2", [1, 2, 3, 2], [2, 2, 3, 4], ("strides", [2, 2]), ("auto_pad", "SAME_UPPER")),
        Conv("SAME_LOWER, stride 2", [1, 2, 3, 2], [2, 2, 3, 3], ("strides", [2, 2]), ("auto_pad", "SAME_LOWER")),
        Conv("VALID, stride 2", [1, 2, 3, 2], [2, 2, 3, 3], ("strides", [2, 2]), ("auto_pad", "VALID")),
        Conv("1-d, stride 2, output padding", [2, 2, 4], [2, 3, 3], ("strides", [2]), ("pads", [1, 1]), ("output_padding", [1])),
        Conv("1-d, dilation 2", [2, 2, 4], [2, 2, 3], ("dilations", [2]), ("pads", [2, 1])),
        Conv("1-d, depthwise", [2, 3, 4], [3, 1, 4], ("group", 3), ("strides", [2]), ("pads", [1, 1])),
        Conv("3-d, stride 2", [1, 2, 2, 2, 3], [2, 2, 2, 3, 2], ("strides", [2, 2, 1]), ("pads", [0, 1, 0, 0, 1, 1])),
        Conv("SAME_UPPER, stride larger than the kernel", [1, 2, 3, 2], [2, 2, 2, 1], ("strides", [3, 3]), ("auto_pad", "SAME_UPPER")) with
        {
            NoTorch = "ONNX Runtime adds nothing where the windows do not reach the extent that the standard asks for",
        },
        Conv("1-d, SAME_LOWER, dilation 2, stride 2", [2, 2, 4], [2, 2, 3], ("dilations", [2]), ("strides", [2]), ("auto_pad", "SAME_LOWER")),
        Conv("1-d, 2 groups, output shape", [1, 4, 4], [4, 2, 3], ("group", 2), ("strides", [2]), ("output_shape", [8])) with
        {
            StaticOnly = PaddingFromExtent,
        },
        Conv("3-d, 2 groups, dilation 2, asymmetric padding", [1, 4, 2, 3, 2], [4, 1, 2, 2, 2], ("group", 2), ("dilations", [2, 1, 2]),
            ("pads", [1, 0, 0, 0, 1, 2])),
        Conv("3-d, output padding", [1, 1, 2, 2, 2], [1, 2, 3, 2, 2], ("strides", [2, 2, 3]), ("output_padding", [1, 0, 2])),
        Conv("3-d, SAME_UPPER, stride 2", [1, 1, 2, 2, 2], [1, 2, 3, 2, 3], ("strides", [2, 2, 1]), ("auto_pad", "SAME_UPPER")),
        Conv("3-d, VALID", [1, 2, 2, 2, 2], [2, 1, 2, 2, 1], ("auto_pad", "VALID")),
        Conv("3-d, output shape", [1, 1, 2, 2, 2], [1, 2, 3, 3, 2], ("strides", [2, 2, 2]), ("output_shape", [4, 5, 5])) with
        {
            StaticOnly = PaddingFromExtent,
        },
        new("ConvTranspose", "no bias, frozen filter", Any(1, 2, 3, 3), Any(2, 2, 3, 3).AsConstant),
        new("ConvTranspose", "frozen input", Any(1, 2, 3, 3).AsFed, Any(2, 2, 3, 3).AsParameter),
    ];

    private static GradientCase Conv(string description, long[] input, long[] filter, params (string Name, CaseAttribute Value)[] attributes)
    {
        long groups = attributes.FirstOrDefault(static pair => pair.Name == "group").Value.Value as long? ?? 1;
        return new GradientCase("ConvTranspose", description, Any(input), Any(filter).AsParameter, Any(filter[1] * groups).AsParameter)
            .With([.. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
    }
}
