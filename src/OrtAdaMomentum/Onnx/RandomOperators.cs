namespace OrtAdaMomentum.Onnx;

/// <summary>Operators that draw random numbers: two nodes that look alike give different values, and none can be computed beforehand.</summary>
internal static class RandomOperators
{
    private static readonly HashSet<string> Names =
        ["Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

    public static bool Contains(string opType) => Names.Contains(opType);
}
