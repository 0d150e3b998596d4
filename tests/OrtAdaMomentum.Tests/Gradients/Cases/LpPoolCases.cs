using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Pooling by norms, over windows and over everything.</summary>
internal static class LpPoolCases
{
    public static readonly GradientCase[] All =
    [
        Pool("2x2, p 2 by default", [2, 2, 3, 4], [2, 2]),
        Pool("2x2, p 1", [2, 2, 3, 4], [2, 2], ("p", 1)),
        Pool("2x2, p 3", [2, 2, 3, 4], [2, 2], ("p", 3)),
        Pool("2x2, p 4", [1, 2, 3, 4], [2, 2], ("p", 4)),
        Pool("2x2, p 5, stride 2", [1, 2, 5, 4], [2, 2], ("p", 5), ("strides", [2, 2])),
        Pool("3x2, stride 2, does not divide", [2, 2, 6, 5], [3, 2], ("strides", [2, 2])),
        Pool("3x3, stride 2, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Pool("3x2, asymmetric padding", [1, 2, 4, 4], [3, 2], ("pads", [2, 0, 1, 1])),
        Pool("2x2, stride 3", [1, 2, 7, 6], [2, 2], ("strides", [3, 3])),
        Pool("dilation 2", [1, 2, 6, 5], [3, 2], ("dilations", [2, 2])),
        Pool("dilation 2, stride 2, padded, p 3", [1, 2, 7, 6], [2, 3], ("dilations", [2, 2]), ("strides", [2, 2]), ("pads", [1, 1, 1, 1]), ("p", 3)),
        Pool("rounded up", [2, 2, 5, 6], [2, 3], ("strides", [2, 2]), ("ceil_mode", 1)),
        Pool("rounded up, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 0, 0, 1]), ("ceil_mode", 1)),
        Pool("SAME_UPPER", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_UPPER")),
        Pool("SAME_LOWER, stride 2", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_LOWER"), ("strides", [2, 2])),
        Pool("VALID", [1, 2, 5, 4], [2, 3], ("auto_pad", "VALID")),
        Pool("1-d", [2, 2, 7], [3], ("strides", [2]), ("pads", [1, 1])),
        Pool("1-d, dilation 2, rounded up", [2, 2, 8], [3], ("dilations", [2]), ("strides", [3]), ("ceil_mode", 1)),
        Pool("3-d", [1, 2, 4, 3, 4], [2, 2, 3], ("strides", [2, 1, 1])),
        Pool("3-d, dilation 2, padded", [1, 1, 4, 3, 4], [2, 2, 2], ("dilations", [2, 1, 2]), ("pads", [0, 1, 1, 1, 0, 0])),
        Pool("empty batch", [0, 2, 4, 4], [2, 2], ("strides", [2, 2])),
        new GradientCase("LpPool", "a window of zeros", Numbers([1, 1, 1, 4], 0, 0, 3, 4))
            .With(("kernel_shape", new long[] { 1, 2 }), ("strides", new long[] { 1, 2 })) with
        {
            NoDifferences = "a norm has a kink at zero",
            NoTorch = "its formula is not finite at zero",
        },

        new("GlobalLpPool", "1-d", Any(2, 3, 4)),
        new GradientCase("GlobalLpPool", "2-d, p 1", AwayFrom([0], 2, 3, 2, 3)).With(("p", 1L)),
        new("GlobalLpPool", "2-d", Any(2, 3, 2, 3)),
        new GradientCase("GlobalLpPool", "2-d, p 3", AwayFrom([0], 2, 3, 2, 3)).With(("p", 3L)),
        new GradientCase("GlobalLpPool", "3-d, p 4", Any(2, 2, 2, 3, 2)).With(("p", 4L)),
    ];

    private static GradientCase Pool(string description, long[] input, long[] kernel, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase("LpPool", description, AwayFrom([0], input))
            .With([("kernel_shape", kernel), .. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
}
