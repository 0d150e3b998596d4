using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>The losses of the standard over class indices.</summary>
internal static class ClassLossCases
{
    private static readonly long[] Four = [2, 0, 1, 2];
    private static readonly long[] Grid = [0, 2, 1, 1, 2, 0, 0, 2];

    public static readonly GradientCase[] All =
    [
        .. Losses("NegativeLogLikelihoodLoss"),
        .. Losses("SoftmaxCrossEntropyLoss"),
        Soft("logarithms used too", Any(4, 3), IntegersOf([4], Four)) with { Outputs = 2 },
        Soft("only the logarithms used", Any(2, 3, 2), IntegersOf([2, 2], Four)) with { Outputs = 2, UnusedOutputs = [0] },
        Soft("logarithms used too, spatial, ignored", Any(2, 3, 2, 2), IntegersOf([2, 2, 2], Grid)).With(("ignore_index", 2L)) with { Outputs = 2 },
        Soft("large logits", Within(60, 90, 4, 3), IntegersOf([4], Four)),
    ];

    private static IEnumerable<GradientCase> Losses(string operatorType) =>
    [
        new(operatorType, "mean by default", Any(4, 3), IntegersOf([4], Four)),
        new(operatorType, "labels of 32 bits", Any(4, 3), Integers32Of([4], Four)),
        new(operatorType, "labels told at run time", Any(4, 3), IntegersOf([4], Four).AsFed),
        new GradientCase(operatorType, "sum", Any(4, 3), IntegersOf([4], Four)).With(("reduction", "sum")),
        new GradientCase(operatorType, "no reduction", Any(4, 3), IntegersOf([4], Four)).With(("reduction", "none")),
        new(operatorType, "spatial, mean", Any(2, 3, 2), IntegersOf([2, 2], Four).AsFed),
        new GradientCase(operatorType, "spatial, no reduction", Any(2, 3, 2, 2), IntegersOf([2, 2, 2], Grid).AsFed).With(("reduction", "none")),
        new GradientCase(operatorType, "spatial, sum", Any(2, 3, 2, 2), IntegersOf([2, 2, 2], Grid)).With(("reduction", "sum")),
        .. Reduced(operatorType, "weights", [4, 3], IntegersOf([4], Four), Within(0.5, 2, 3)),
        .. Reduced(operatorType, "frozen weights, spatial", [2, 3, 2], IntegersOf([2, 2], Four), Within(0.5, 2, 3).AsConstant),
        .. Reduced(operatorType, "weights of known number", [2, 3, 2], IntegersOf([2, 2], Four).AsFed, Within(0.5, 2, 3).AsParameter),
        .. Reduced(operatorType, "a class ignored", [4, 3], IntegersOf([4], Four), Omitted, ("ignore_index", 2L)),
        .. Reduced(operatorType, "a label that is no class ignored", [4, 3], IntegersOf([4], 2, -100, 1, 0).AsFed, Omitted, ("ignore_index", -100L)),
        .. Reduced(operatorType, "weights and ignored", [2, 3, 2], IntegersOf([2, 2], 2, 255, 1, 2), Within(0.5, 2, 3), ("ignore_index", 255L)),
        .. Reduced(operatorType, "weights and class 0 ignored", [4, 3], Integers32Of([4], 0, 1, 0, 2).AsFed, Within(0.5, 2, 3), ("ignore_index", 0L)),
        new GradientCase(operatorType, "everything ignored, sum", Any(2, 3), IntegersOf([2], -1, -1)).With(("ignore_index", -1L), ("reduction", "sum")),
    ];

    private static IEnumerable<GradientCase> Reduced(
        string operatorType, string description, long[] shape, CaseInput labels, CaseInput weights, params (string, object)[] attributes) =>
        new[] { "mean", "sum", "none" }.Select(reduction =>
            new GradientCase(operatorType, $"{description}, {reduction}", Any(shape), labels, weights).With([.. attributes, ("reduction", reduction)]));

    private static GradientCase Soft(string description, params CaseInput[] inputs) => new("SoftmaxCrossEntropyLoss", description, inputs);
}
