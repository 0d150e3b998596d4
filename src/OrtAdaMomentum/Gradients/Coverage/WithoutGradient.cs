using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Coverage;

/// <summary>An operator without a rule, and why.</summary>
internal sealed record OperatorWithoutGradient(string OperatorType, OperatorSupport Support, string Reason, string Domain = "");

/// <summary>Every operator of the ONNX standard that no gradient passes, and those of the runtime that compute in integers.</summary>
internal static class WithoutGradient
{
    public static readonly IReadOnlyList<OperatorWithoutGradient> All =
    [
        .. Group(OperatorSupport.Zero, "constant between steps", "Ceil Floor Hardmax Round Sign"),
        .. Group(
            OperatorSupport.NonDifferentiable, "gives booleans",
            "And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not OptionalHasElement Or RegexFullMatch Xor"),
        .. Group(
            OperatorSupport.NonDifferentiable, "gives integers",
            """
            ArgMax ArgMin BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor ImageDecoder NonMaxSuppression NonZero
            SequenceLength Shape Size
            """),
        .. Group(OperatorSupport.Integers, InIntegers, "ConvInteger DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul"),
        .. Group(
            OperatorSupport.Integers, InIntegers,
            """
            DynamicQuantizeLSTM DynamicQuantizeMatMul MatMulInteger16 MatMulIntegerToFloat NhwcMaxPool QAttention QEmbedLayerNormalization QGemm
            QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean
            QLinearSigmoid QLinearSoftmax QLinearWhere
            """, OnnxDomains.Microsoft),
        .. Group(OperatorSupport.NonDifferentiable, "counts words", "TfIdfVectorizer"),
        .. Group(
            OperatorSupport.NonDifferentiable, "made of constants or integers",
            "BlackmanWindow Constant ConstantOfShape EyeLike HammingWindow HannWindow MelWeightMatrix SequenceEmpty"),
        .. Group(
            OperatorSupport.NonDifferentiable, "random",
            "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike"),
        .. Group(OperatorSupport.NonDifferentiable, "works on texts", "StringConcat StringNormalizer StringSplit"),
        .. Group(
            OperatorSupport.Impossible, "it works on sequences or optional values, which no gradient passes", "Optional OptionalGetElement SequenceMap"),
    ];

    private const string InIntegers =
        "it computes in integers, through which no gradient passes: train parameters that come after it, or the model from before it was quantised";

    private static IEnumerable<OperatorWithoutGradient> Group(
        OperatorSupport support, string reason, string operators, string domain = OnnxDomains.Standard) =>
        operators.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(name => new OperatorWithoutGradient(name, support, reason, domain));
}
