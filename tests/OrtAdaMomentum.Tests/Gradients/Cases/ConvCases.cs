using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Convolutions: kernels, strides, dilations, paddings and groups, alone and together.</summary>
internal static class ConvCases
{
    public static readonly GradientCase[] All =
    [
        // Two spatial axes.
        Conv("kernel 1x1", [2, 3, 3, 2], [4, 3, 1, 1]),
        Conv("kernel 1x1, stride 2", [2, 3, 5, 4], [4, 3, 1, 1], ("strides", [2, 2])),
        Conv("kernel 1x1, padded", [2, 2, 3, 2], [3, 2, 1, 1], ("pads", [1, 0, 0, 2])),
        Conv("kernel 3x3", [2, 2, 5, 4], [3, 2, 3, 3]),
        Conv("kernel 3x3, padded", [2, 2, 4, 3], [3, 2, 3, 3], ("pads", [1, 1, 1, 1])),
        Conv("kernel 3x3, more padding than it reaches over", [1, 2, 2, 3], [2, 2, 3, 3], ("pads", [3, 4, 3, 1])),
        Conv("kernel 3x2, asymmetric padding", [2, 2, 4, 4], [2, 2, 3, 2], ("pads", [2, 0, 1, 1])),
        Conv("kernel 2x2", [2, 2, 4, 3], [3, 2, 2, 2]),
        Conv("kernel 2x4, padded", [1, 2, 3, 5], [2, 2, 2, 4], ("pads", [1, 2, 0, 1])),
        Conv("kernel as large as the input", [2, 2, 3, 4], [3, 2, 3, 4]),
        Conv("kernel 1x3", [2, 2, 3, 5], [2, 2, 1, 3], ("pads", [0, 1, 0, 1])),
        Conv("one channel in and out", [2, 1, 4, 4], [1, 1, 3, 3]),
        Conv("batch of one", [1, 3, 4, 4], [2, 3, 3, 3]),
        Conv("many input channels", [2, 17, 4, 3], [2, 17, 2, 3], ("pads", [0, 1, 1, 0])),
        Conv("many input channels, stride 2", [1, 18, 5, 5], [2, 18, 3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Conv("stride 2, divides", [2, 2, 5, 5], [3, 2, 3, 3], ("strides", [2, 2])),
        Conv("stride 2, does not divide", [2, 2, 6, 4], [3, 2, 3, 3], ("strides", [2, 2])),
        Conv("stride 2, padded", [2, 2, 6, 5], [3, 2, 3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Conv("stride 3, larger than the kernel", [1, 2, 7, 8], [2, 2, 2, 2], ("strides", [3, 3])),
        Conv("stride 3 by 2, asymmetric padding", [1, 2, 7, 6], [2, 2, 4, 3], ("strides", [3, 2]), ("pads", [0, 1, 2, 0])),
        Conv("stride 1 by 2", [2, 2, 4, 6], [2, 2, 3, 3], ("strides", [1, 2]), ("pads", [1, 1, 1, 1])),
        Conv("dilation 2", [1, 2, 6, 5], [2, 2, 3, 3], ("dilations", [2, 2])),
        Conv("dilation 3 by 1, padded", [1, 2, 6, 4], [2, 2, 2, 3], ("dilations", [3, 1]), ("pads", [1, 1, 2, 1])),
        Conv("dilation 2, stride 2", [1, 2, 8, 7], [2, 2, 3, 2], ("dilations", [2, 2]), ("strides", [2, 2]), ("pads", [1, 0, 1, 1])),
        Conv("dilation 3, stride 2, does not divide", [1, 1, 8, 9], [2, 1, 2, 3], ("dilations", [3, 3]), ("strides", [2, 2])),

        // Groups.
        Conv("2 groups", [2, 4, 4, 3], [6, 2, 3, 3], ("group", 2), ("pads", [1, 1, 1, 1])),
        Conv("2 groups, kernel 1x1", [2, 4, 3, 2], [6, 2, 1, 1], ("group", 2)),
        Conv("2 groups, many channels, stride 2", [1, 32, 5, 4], [2, 16, 3, 2], ("group", 2), ("strides", [2, 2])),
        Conv("3 groups, dilation 2", [1, 6, 6, 5], [3, 2, 3, 2], ("group", 3), ("dilations", [2, 2])),
        Conv("depthwise", [2, 3, 4, 5], [3, 1, 3, 3], ("group", 3), ("pads", [1, 1, 1, 1])),
        Conv("depthwise, stride 2", [2, 3, 6, 5], [3, 1, 3, 3], ("group", 3), ("pads", [1, 1, 1, 1]), ("strides", [2, 2])),
        Conv("depthwise, kernel 2x2, dilation 2", [1, 3, 5, 5], [3, 1, 2, 2], ("group", 3), ("dilations", [2, 2])),
        Conv("depthwise, kernel 1x1", [2, 3, 2, 3], [3, 1, 1, 1], ("group", 3)),
        Conv("depthwise with 2 outputs per channel", [2, 3, 4, 4], [6, 1, 3, 3], ("group", 3)),
        Conv("depthwise with 2 outputs per channel, stride 2", [2, 2, 5, 4], [4, 1, 2, 2], ("group", 2), ("strides", [2, 2])),

        // Automatic padding.
        Conv("SAME_UPPER", [2, 2, 4, 5], [2, 2, 3, 2], ("auto_pad", "SAME_UPPER")),
        Conv("SAME_LOWER", [2, 2, 4, 5], [2, 2, 2, 4], ("auto_pad", "SAME_LOWER")),
        Conv("VALID, stride 2", [2, 2, 5, 6], [2, 2, 3, 3], ("auto_pad", "VALID"), ("strides", [2, 2])),
        Conv("SAME_UPPER, stride 2", [2, 2, 5, 6], [2, 2, 3, 3], ("auto_pad", "SAME_UPPER"), ("strides", [2, 2])),
        Conv("SAME_LOWER, stride 2", [2, 2, 6, 5], [2, 2, 3, 2], ("auto_pad", "SAME_LOWER"), ("strides", [2, 2])),
        Conv("SAME_UPPER, stride larger than kernel", [1, 2, 7, 8], [2, 2, 1, 2], ("auto_pad", "SAME_UPPER"), ("strides", [3, 3])),

        // One and three spatial axes.
        Conv("1-d, kernel 3", [2, 2, 6], [3, 2, 3]),
        Conv("1-d, kernel 1", [2, 3, 4], [2, 3, 1]),
        Conv("1-d, kernel 4, stride 2, asymmetric padding", [2, 2, 8], [3, 2, 4], ("strides", [2]), ("pads", [2, 1])),
        Conv("1-d, dilation 2, causal", [2, 2, 6], [2, 2, 3], ("dilations", [2]), ("pads", [4, 0])),
        Conv("1-d, depthwise, stride 3", [2, 3, 8], [3, 1, 2], ("group", 3), ("strides", [3])),
        Conv("1-d, 2 groups, stride 2, dilation 2", [1, 4, 9], [4, 2, 3], ("group", 2), ("strides", [2]), ("dilations", [2])),
        Conv("1-d, SAME_UPPER", [2, 2, 5], [2, 2, 4], ("auto_pad", "SAME_UPPER")),
        Conv("1-d, SAME_LOWER, stride 2", [2, 2, 8], [2, 2, 3], ("auto_pad", "SAME_LOWER"), ("strides", [2])),
        Conv("1-d, VALID, stride 3", [1, 2, 9], [2, 2, 2], ("auto_pad", "VALID"), ("strides", [3])),
        Conv("3-d, kernel 2x3x2, padded", [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], ("pads", [0, 1, 1, 1, 1, 0])),
        Conv("3-d, stride 2", [1, 2, 5, 4, 3], [2, 2, 3, 2, 1], ("strides", [2, 2, 2])),
        Conv("3-d, dilation 2, stride 2, asymmetric padding", [1, 1, 5, 4, 5], [2, 1, 2, 2, 2], ("dilations", [2, 1, 2]), ("strides", [2, 2, 1]),
            ("pads", [0, 1, 0, 1, 0, 1])),
        Conv("3-d, 2 groups", [1, 4, 2, 3, 3], [4, 2, 2, 2, 1], ("group", 2), ("pads", [1, 0, 0, 0, 1, 0])),
        Conv("3-d, SAME_UPPER, stride 2", [1, 1, 4, 3, 5], [2, 1, 3, 2, 2], ("auto_pad", "SAME_UPPER"), ("strides", [2, 1, 2])),
        Conv("3-d, SAME_LOWER", [1, 1, 2, 3, 3], [2, 1, 2, 3, 2], ("auto_pad", "SAME_LOWER")),
        Conv("3-d, VALID, stride 2", [1, 1, 4, 3, 3], [2, 1, 2, 2, 2], ("auto_pad", "VALID"), ("strides", [2, 2, 2])),
        Conv("3-d, depthwise", [1, 2, 3, 3, 3], [2, 1, 2, 2, 2], ("group", 2)),

        Conv("empty batch", [0, 2, 4, 4], [3, 2, 3, 3]) with { StaticOnly = "an open number of windows is computed from the number of elements" },

        // Which inputs there are.
        new GradientCase("Conv", "no bias", Any(2, 2, 4, 4), Any(2, 2, 3, 3).AsParameter).With(("kernel_shape", new long[] { 3, 3 })),
        new("Conv", "frozen filter", Any(2, 2, 4, 4), Any(2, 2, 3, 3).AsConstant, Any(2)),
        new("Conv", "frozen input", Any(2, 2, 4, 4).AsFed, Any(2, 2, 3, 3).AsParameter, Any(2).AsParameter),
    ];

    private static GradientCase Conv(string description, long[] input, long[] filter, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase("Conv", description, Any(input), Any(filter).AsParameter, Any(filter[0]).AsParameter)
            .With([.. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
}
