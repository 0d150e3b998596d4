using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>General matrix products.</summary>
internal static class GemmCases
{
    private static readonly (string Description, long[] Shape)[] Added =
    [
        ("matrix", [2, 4]), ("row", [1, 4]), ("column", [2, 1]), ("vector", [4]), ("one element", [1]), ("scalar", []),
    ];

    public static readonly GradientCase[] All =
    [
        .. Transposed(),
        .. Added.Select(static added => new GradientCase("Gemm", $"{added.Description} added", Any(2, 3), Any(3, 4), Any(added.Shape))
            .With(("alpha", 0.5f), ("beta", -1.5f))),
        new("Gemm", "nothing added", Any(2, 3), Any(3, 4)),
        new GradientCase("Gemm", "nothing added, alpha", Any(3, 2), Any(3, 4)).With(("alpha", 2f), ("beta", 3f), ("transA", 1L)),
        new GradientCase("Gemm", "linear layer", Any(3, 4), Any(2, 4), Any(2)).With(("transB", 1L)),
        new("Gemm", "one row", Any(1, 3), Any(3, 4), Any(1, 4)),
        new("Gemm", "frozen weight", Any(2, 3), Any(3, 4).AsConstant, Any(4)),
        new("Gemm", "frozen input", Any(2, 3).AsFed, Any(3, 4), Any(4)),
        new GradientCase("Gemm", "beta 0", Any(2, 3), Any(3, 4), Any(4)).With(("beta", 0f)),
    ];

    private static IEnumerable<GradientCase> Transposed() =>
        from transA in new[] { 0L, 1L }
        from transB in new[] { 0L, 1L }
        select new GradientCase(
            "Gemm", $"transA {transA}, transB {transB}", Any(transA == 0 ? [2, 3] : [3, 2]), Any(transB == 0 ? [3, 4] : [4, 3]), Any(4))
            .With(("transA", transA), ("transB", transB), ("alpha", 1.5f));
}
