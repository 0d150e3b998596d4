using OrtAdaMomentum.Onnx;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>
/// Integers made numbers, differentiated by their scale. What leads to the integers is rounded, so that differences cannot tell:
/// QuantizationGradients has those cases.
/// </summary>
internal static class QuantizationCases
{
    private static readonly long[] Six = [3, -7, 0, 127, -128, 5];
    private static readonly long[] Ten = [3, -7, 0, 127, -128, 5, 1, 2, -3, 4];
    private static readonly long[] Bytes = [3, 7, 0, 255, 128, 5];

    public static readonly GradientCase[] All =
    [
        new("DequantizeLinear", "one scale", Quantized(ElementType.Int8, [2, 3], Six), Scale()),
        new("DequantizeLinear", "a list of one scale", Quantized(ElementType.UInt8, [2, 3], Bytes), Scale(1), Quantized(ElementType.UInt8, [1], 128)),
        new("DequantizeLinear", "a list of one scale for a list", Quantized(ElementType.Int8, [6], Six), Scale(1)),
        new("DequantizeLinear", "a scalar", Quantized(ElementType.Int8, [], -7), Scale(), Quantized(ElementType.Int8, [], 3)),
        new("DequantizeLinear", "32 bits", Quantized(ElementType.Int32, [2, 3], 1000, -7, 70000, 3, 1, 0), Scale()),
        new("DequantizeLinear", "16 bits", Quantized(ElementType.Int16, [2, 3], 1000, -7, 30000, 3, 1, 0), Scale(), Quantized(ElementType.Int16, [], -5)),
        new("DequantizeLinear", "axis by default", Quantized(ElementType.Int8, [2, 3], Six), Scale(3), Quantized(ElementType.Int8, [3], 1, 0, -2)),
        new GradientCase("DequantizeLinear", "first axis", Quantized(ElementType.UInt8, [2, 3], Bytes), Scale(2)).With(("axis", 0L)),
        new GradientCase("DequantizeLinear", "negative axis", Quantized(ElementType.Int8, [1, 2, 1, 3], Six), Scale(2)).With(("axis", -3L)),
        new GradientCase(
            "DequantizeLinear", "blocks, the last shorter", Quantized(ElementType.Int8, [2, 5], Ten), Scale(2, 3),
            Quantized(ElementType.Int8, [2, 3], 1, 0, -2, 5, 3, 0)).With(("axis", 1L), ("block_size", 2L)),
        new GradientCase("DequantizeLinear", "blocks along the first axis", Quantized(ElementType.Int8, [5, 2], Ten), Scale(2, 2))
            .With(("axis", 0L), ("block_size", 3L)),
        new GradientCase("DequantizeLinear", "blocks that fit", Quantized(ElementType.Int8, [2, 1, 5], Ten), Scale(2, 1, 1))
            .With(("axis", -1L), ("block_size", 5L)),
        new("DequantizeLinear", "of the runtime", Quantized(ElementType.Int16, [2, 3], Six), Scale(), Quantized(ElementType.Int16, [], 2))
        {
            Domain = "com.microsoft",
        },
    ];

    private static CaseInput Scale(params long[] shape) => Within(0.1, 0.5, shape);
}
