namespace OrtAdaMomentum.Gradients;

/// <summary>Operators of the ONNX standard whose outputs are integers, booleans, shapes, random or stepwise constant.</summary>
internal static class NonDifferentiable
{
    public static readonly string[] Operators =
    [
        "And", "ArgMax", "ArgMin", "Bernoulli", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Constant",
        "ConstantOfShape", "DynamicQuantizeLinear", "Equal", "EyeLike", "Floor", "Greater", "GreaterOrEqual", "Hardmax", "IsInf", "IsNaN",
        "Less", "LessOrEqual", "Multinomial", "NonMaxSuppression", "NonZero", "Not", "Or", "RandomNormal", "RandomNormalLike",
        "RandomUniform", "RandomUniformLike", "Range", "Round", "Shape", "Sign", "Size", "StringNormalizer", "TfIdfVectorizer", "Unique", "Xor",
    ];
}
