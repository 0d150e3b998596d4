using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Activations, products and convolutions that the runtime's optimiser has fused.</summary>
internal static class FusedOperatorCases
{
    private const string Microsoft = "com.microsoft";

    public static readonly GradientCase[] All =
    [
        .. Gelus,
        .. Products("FusedMatMul"),
        .. Products("TransposeMatMul"),
        Fused("FusedMatMul", "rows before the batch on both sides", Any(3, 2, 2, 4), Any(4, 2, 2, 3)).With(("transBatchA", 1L), ("transBatchB", 1L)),
        Fused("FusedMatMul", "rows before the batch and transposed", Any(4, 2, 3), Any(2, 2, 4))
            .With(("transBatchA", 1L), ("transA", 1L), ("transB", 1L), ("alpha", 0.5f)),
        .. Gemms,
        .. Convolutions,
    ];

    private static IEnumerable<GradientCase> Gelus =>
    [
        Fused("Gelu", "matrix", Within(-3, 3, 2, 3)),
        Fused("Gelu", "scalar", Any()),
        Fused("BiasGelu", "matrix", Within(-3, 3, 2, 3), Any(3)),
        Fused("BiasGelu", "frozen bias", Within(-3, 3, 2, 2, 3), Any(3).AsConstant),
        Fused("FastGelu", "without bias", Within(-3, 3, 2, 3)),
        Fused("FastGelu", "with bias", Within(-3, 3, 2, 2, 3), Any(3)),
        Fused("QuickGelu", "factor by default", Within(-3, 3, 2, 3)),
        Fused("QuickGelu", "given factor", Within(-3, 3, 2, 3)).With(("alpha", 0.5f)),
        Fused("QuickGelu", "Swish", Within(-3, 3, 4)).With(("alpha", 1f)),
        Fused("QuickGelu", "large values", Numbers([4], -60, -20, 20, 60)),
    ];

    private static IEnumerable<GradientCase> Gemms =>
    [
        Gemm("Relu"),
        Gemm("Sigmoid"),
        Gemm("Softplus"),
        Gemm("Softsign"),
        Gemm("Tanh"),
        Gemm("Celu", ("activation_alpha", 0.7f)),
        Gemm("Elu", ("activation_alpha", 0.7f)),
        Gemm("HardSigmoid", ("activation_alpha", 0.3f), ("activation_beta", 0.4f)),
        Gemm("LeakyRelu", ("activation_alpha", 0.1f)),
        Gemm("ParametricSoftplus", ("activation_alpha", 0.7f), ("activation_beta", 1.5f)),
        Gemm("ScaledTanh", ("activation_alpha", 0.7f), ("activation_beta", 1.5f)),
        Gemm("Selu", ("activation_alpha", 1.5f), ("activation_gamma", 1.1f)),
        Gemm("ThresholdedRelu", ("activation_alpha", 0.2f)),
        Fused("FusedGemm", "transposed, with factors", Within(0.2, 1, 3, 2), Within(0.2, 1, 4, 3), Any(2, 1))
            .With(("activation", "Tanh"), ("transA", 1L), ("transB", 1L), ("alpha", 0.5f), ("beta", 2f)),
        Fused("FusedGemm", "nothing added", Any(2, 3), Any(3, 2)).With(("activation", "Sigmoid")),
    ];

    private static IEnumerable<GradientCase> Convolutions =>
    [
        Convolution("Sigmoid"),
        Convolution("Tanh"),
        Convolution("Relu"),
        Convolution("HardSwish"),
        Convolution("LeakyRelu", 0.1f),
        Convolution("Clip", -0.5f, 6f),
        Convolution("HardSigmoid", 0.2f, 0.5f),
        Fused("FusedConv", "no activation", Any(1, 2, 4, 3), Any(2, 2, 2, 2).AsParameter, Any(2)),
        Fused("FusedConv", "no bias", Any(1, 1, 3, 3), Any(2, 1, 2, 2).AsParameter).With(("activation", "Tanh")),
        Fused("FusedConv", "something added", Any(2, 1, 3, 3), Any(2, 1, 2, 2).AsParameter, Any(2), Any(2, 2, 2, 2)).With(("activation", "Sigmoid")),
        Fused("FusedConv", "something added, no bias", Any(1, 1, 3, 3), Any(2, 1, 2, 2).AsParameter, Omitted, Any(1, 2, 2, 2)).With(("activation", "Tanh")),
        Fused("FusedConv", "groups, strides, dilations and padding", Any(1, 2, 6, 5), Any(4, 1, 2, 2).AsParameter, Any(4)).With(
            ("activation", "Tanh"), ("group", 2L), ("strides", new[] { 2L, 1L }), ("dilations", new[] { 1L, 2L }),
            ("pads", new[] { 1L, 0L, 0L, 1L }), ("kernel_shape", new[] { 2L, 2L })),
        Fused("FusedConv", "padding by rule", Any(1, 1, 4, 4), Any(1, 1, 3, 3).AsParameter).With(("activation", "Sigmoid"), ("auto_pad", "SAME_UPPER")),
        Fused("FusedConv", "1-d", Any(1, 2, 5), Any(2, 2, 3).AsParameter, Any(2)).With(("activation", "Tanh")),
    ];

    private static IEnumerable<GradientCase> Products(string operatorType) =>
    [
        Fused(operatorType, "as MatMul", Any(2, 3), Any(3, 4)),
        Fused(operatorType, "left transposed", Any(3, 2), Any(3, 4)).With(("transA", 1L)),
        Fused(operatorType, "right transposed, with a factor", Any(2, 3), Any(4, 3)).With(("transB", 1L), ("alpha", 0.25f)),
        Fused(operatorType, "both transposed", Any(2, 3, 2), Any(2, 4, 3)).With(("transA", 1L), ("transB", 1L)),
        Fused(operatorType, "batch broadcast", Any(2, 1, 3, 2), Any(3, 3, 4)).With(("transA", 1L)),
        Fused(operatorType, "one weight under a batch", Any(2, 2, 3), Any(4, 3).AsParameter).With(("transB", 1L), ("alpha", 2f)),
        Fused(operatorType, "vector on the left", Any(3), Any(3, 4)).With(("transA", 1L)),
        Fused(operatorType, "vector on the right", Any(2, 3), Any(3)).With(("transB", 1L), ("alpha", -1f)),
    ];

    private static GradientCase Gemm(string activation, params (string, object)[] parameters) =>
        Fused("FusedGemm", activation, Within(0.2, 1, 2, 3), Within(0.2, 1, 3, 4), Numbers([4], -3, 0.4, -1.5, 1))
            .With([("activation", activation), .. parameters]);

    private static GradientCase Convolution(string activation, params float[] parameters) =>
        Fused("FusedConv", activation, Within(0.2, 1, 1, 2, 3, 3), Within(0.2, 1, 3, 2, 2, 2).AsParameter, Numbers([3], -8, -2, 1)).With(
            parameters.Length == 0 ? [("activation", activation)] : [("activation", activation), ("activation_params", parameters)]);

    private static GradientCase Fused(string operatorType, string description, params CaseInput[] inputs) =>
        new(operatorType, description, inputs) { Domain = Microsoft };
}
