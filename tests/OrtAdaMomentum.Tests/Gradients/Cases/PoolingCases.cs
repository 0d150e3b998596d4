using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Pooling over windows and over everything.</summary>
internal static class PoolingCases
{
    public static readonly GradientCase[] All =
    [
        Max("2x2, stride 2", [2, 2, 4, 6], [2, 2], ("strides", [2, 2])),
        Max("2x2, stride 2, does not divide", [2, 2, 5, 3], [2, 2], ("strides", [2, 2])),
        Max("2x2, overlapping", [2, 2, 3, 4], [2, 2]),
        Max("3x3, stride 2, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Max("3x2, asymmetric padding", [1, 2, 4, 4], [3, 2], ("pads", [2, 0, 0, 1])),
        Max("2x2, stride 3", [1, 2, 7, 6], [2, 2], ("strides", [3, 3])),
        Max("rounded up", [2, 2, 5, 6], [2, 3], ("strides", [2, 2]), ("ceil_mode", 1)),
        Max("rounded up, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 0, 0, 1]), ("ceil_mode", 1)),
        Max("dilation 2", [1, 2, 6, 5], [3, 2], ("dilations", [2, 2])),
        Max("dilation 2, stride 2, padded", [1, 2, 7, 6], [2, 3], ("dilations", [2, 2]), ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Max("SAME_UPPER", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_UPPER"), ("strides", [2, 2])),
        Max("SAME_LOWER", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_LOWER"), ("strides", [2, 2])),
        Max("VALID", [1, 2, 5, 4], [2, 3], ("auto_pad", "VALID")),
        Max("numbered by columns", [2, 2, 4, 5], [2, 2], ("strides", [2, 1]), ("storage_order", 1)),
        Max("with places", [2, 2, 4, 4], [2, 2], ("strides", [2, 2])) with { Outputs = 2 },
        Max("with places numbered by columns", [2, 2, 4, 5], [3, 2], ("pads", [1, 0, 1, 0]), ("storage_order", 1)) with { Outputs = 2 },
        Max("1-d, 3, stride 2, padded", [2, 2, 7], [3], ("strides", [2]), ("pads", [1, 1])),
        Max("1-d, overlapping", [2, 2, 5], [2]),
        Max("1-d, dilation 2, rounded up", [2, 2, 8], [3], ("dilations", [2]), ("strides", [3]), ("ceil_mode", 1)),
        Max("3-d", [1, 2, 4, 3, 4], [2, 2, 3], ("strides", [2, 1, 1])),
        Max("1-d, SAME_LOWER, stride 2", [2, 2, 7], [3], ("auto_pad", "SAME_LOWER"), ("strides", [2])),
        Max("3-d, dilation 2, padded", [1, 1, 4, 3, 4], [2, 2, 2], ("dilations", [2, 1, 2]), ("pads", [0, 1, 1, 1, 0, 0])),
        Max("3-d, rounded up", [1, 1, 5, 4, 3], [2, 2, 2], ("strides", [2, 2, 2]), ("ceil_mode", 1)),
        Max("3-d, SAME_UPPER, stride 2", [1, 1, 3, 4, 5], [2, 2, 3], ("auto_pad", "SAME_UPPER"), ("strides", [2, 2, 2])),
        Max("3-d, with places numbered by columns", [1, 2, 3, 2, 4], [2, 2, 2], ("storage_order", 1)) with { Outputs = 2 },
        new GradientCase("MaxPool", "ties go to the first element", Numbers([1, 1, 2, 4], 1, 1, 3, 2, 1, 1, 2, 3))
            .With(("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })) with { NoDifferences = "ties are kinks" },

        Average("2x2, stride 2", [2, 2, 4, 6], [2, 2], ("strides", [2, 2])),
        Average("2x3, stride 2x3, does not divide", [2, 2, 5, 7], [2, 3], ("strides", [2, 3])),
        Average("2x2, overlapping", [2, 2, 3, 4], [2, 2]),
        Average("3x3, stride 1, padded", [2, 2, 4, 3], [3, 3], ("pads", [1, 1, 1, 1])),
        Average("3x3, stride 1, padding counted", [2, 2, 4, 3], [3, 3], ("pads", [1, 1, 1, 1]), ("count_include_pad", 1)),
        Average("3x3, stride 2, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Average("3x3, stride 2, padding counted", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 1, 1, 1]),
            ("count_include_pad", 1)),
        Average("2x2, stride 2, padded in front", [2, 2, 5, 4], [2, 2], ("strides", [2, 2]), ("pads", [1, 1, 0, 0])),
        Average("2x2, stride 2, padding counted", [2, 2, 5, 4], [2, 2], ("strides", [2, 2]), ("pads", [1, 0, 0, 0]),
            ("count_include_pad", 1)),
        Average("3x2, asymmetric padding", [1, 2, 4, 4], [3, 2], ("pads", [2, 0, 1, 1])),
        Average("2x2, stride 3", [1, 2, 7, 6], [2, 2], ("strides", [3, 3])),
        Average("rounded up", [2, 2, 5, 6], [2, 3], ("strides", [2, 2]), ("ceil_mode", 1)),
        Average("rounded up, tiles", [2, 2, 5, 7], [2, 3], ("strides", [2, 3]), ("ceil_mode", 1)),
        Average("rounded up, padded", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 0, 0, 1]), ("ceil_mode", 1)),
        Average("rounded up, padding counted", [2, 2, 6, 5], [3, 3], ("strides", [2, 2]), ("pads", [1, 0, 0, 1]),
            ("ceil_mode", 1), ("count_include_pad", 1)),
        Average("dilation 2", [1, 2, 6, 5], [3, 2], ("dilations", [2, 2])),
        Average("dilation 2, stride 2, padded", [1, 2, 7, 6], [2, 3], ("dilations", [2, 2]), ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Average("SAME_UPPER", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_UPPER")),
        Average("SAME_LOWER, stride 2", [1, 2, 5, 4], [2, 3], ("auto_pad", "SAME_LOWER"), ("strides", [2, 2])),
        Average("VALID", [1, 2, 5, 4], [2, 3], ("auto_pad", "VALID")),
        Average("1-d, 3, stride 2, padded", [2, 2, 7], [3], ("strides", [2]), ("pads", [1, 1])),
        Average("1-d, overlapping", [2, 2, 5], [2]),
        Average("1-d, rounded up", [2, 2, 6], [3], ("strides", [2]), ("ceil_mode", 1)),
        Average("3-d", [1, 2, 4, 3, 4], [2, 2, 3], ("strides", [2, 1, 1])),

        Average("SAME_UPPER, stride 3, padding counted", [1, 2, 7, 5], [4, 3], ("auto_pad", "SAME_UPPER"), ("strides", [3, 2]), ("count_include_pad", 1)),
        Average("1-d, SAME_LOWER, stride 2", [2, 2, 7], [3], ("auto_pad", "SAME_LOWER"), ("strides", [2])),
        Average("1-d, dilation 2, rounded up, padding counted", [2, 2, 8], [3], ("dilations", [2]), ("strides", [3]), ("pads", [1, 1]),
            ("ceil_mode", 1), ("count_include_pad", 1)),
        Average("3-d, dilation 2, padded", [1, 1, 4, 3, 4], [2, 2, 2], ("dilations", [2, 1, 2]), ("pads", [0, 1, 1, 1, 0, 0])),
        Average("3-d, rounded up", [1, 1, 5, 4, 3], [2, 2, 2], ("strides", [2, 2, 2]), ("ceil_mode", 1)),
        Average("3-d, rounded up, padding counted", [1, 1, 5, 5, 3], [3, 2, 2], ("strides", [2, 2, 2]), ("pads", [1, 0, 0, 1, 1, 0]),
            ("ceil_mode", 1), ("count_include_pad", 1)),
        Average("3-d, SAME_UPPER, stride 2", [1, 1, 3, 4, 5], [2, 2, 3], ("auto_pad", "SAME_UPPER"), ("strides", [2, 2, 2])),
        Average("3-d, VALID", [1, 1, 3, 3, 2], [2, 2, 2], ("auto_pad", "VALID")),
        Average("empty batch", [0, 2, 4, 4], [2, 2], ("pads", [1, 0, 0, 0])),

        new("GlobalAveragePool", "1-d", Any(2, 3, 4)),
        new("GlobalAveragePool", "2-d", Any(2, 3, 2, 3)),
        new("GlobalAveragePool", "3-d", Any(2, 2, 2, 3, 2)),
        new("GlobalMaxPool", "1-d", Distinct(0, 2, 3, 4)),
        new("GlobalMaxPool", "2-d", Distinct(0, 2, 3, 2, 3)),
        new("GlobalMaxPool", "3-d", Distinct(0, 2, 2, 2, 3, 2)),
    ];

    private static GradientCase Max(string description, long[] input, long[] kernel, params (string Name, CaseAttribute Value)[] attributes) =>
        Pool("MaxPool", description, Distinct(0, input), kernel, attributes);

    private static GradientCase Average(string description, long[] input, long[] kernel, params (string Name, CaseAttribute Value)[] attributes) =>
        Pool("AveragePool", description, Any(input), kernel, attributes);

    private static GradientCase Pool(
        string operatorType, string description, CaseInput input, long[] kernel, (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase(operatorType, description, input)
            .With([("kernel_shape", kernel), .. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
}
