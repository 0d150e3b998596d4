using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Normalisations that the runtime adds to the standard: by the root mean square, and of a sum.</summary>
internal static class FusedNormalizationCases
{
    private const string Microsoft = "com.microsoft";
    private const string SingleStatistics = "the operator gives its statistics in single precision whatever the input";

    public static readonly GradientCase[] All =
    [
        Simplified("last axis", [2, 3, 4], [4]),
        Simplified("last two axes", [2, 3, 4], [3, 4]).With(("axis", 1L)),
        Simplified("all axes", [2, 3], [2, 3]).With(("axis", 0L)),
        Simplified("negative axis", [2, 2, 3], [2, 3]).With(("axis", -2L)),
        Simplified("vector", [5], [5]),
        Simplified("scale of one element", [2, 4], [1]),
        Simplified("scale broadcast over the normalised axes", [2, 3, 4], [1, 4]).With(("axis", 1L)),
        Simplified("scale that varies along the batch", [2, 2, 3], [2, 1, 3]),
        Simplified("large epsilon", [2, 4], [4]).With(("epsilon", 0.1f)),
        Simplified("one sample", [1, 4], [4]),
        new("SimplifiedLayerNormalization", "frozen scale", Any(2, 4), Any(4).AsConstant),
        new("SimplifiedLayerNormalization", "frozen input", Any(2, 4).AsFed, Any(4)),
        Simplified("the root as an output", [2, 4], [4]) with { Outputs = 2, SingleOnly = SingleStatistics },
        Simplified("only the root used", [2, 2, 3], [3]) with { Outputs = 2, UnusedOutputs = [0], SingleOnly = SingleStatistics },
        Simplified("the root over two axes as an output", [2, 2, 3], [2, 3]).With(("axis", 1L)) with { Outputs = 2, SingleOnly = SingleStatistics },

        Skip("everything", Any(2, 2, 3), Any(2, 2, 3), Any(3), Any(3), Any(3)) with { Outputs = 4, UnusedOutputs = [1, 2] },
        Skip("only the first output", Any(2, 2, 3), Any(2, 2, 3), Any(3), Any(3), Any(3)),
        Skip("statistics used", Any(2, 2, 3), Any(2, 2, 3), Any(3), Any(3), Any(3)) with { Outputs = 4, SingleOnly = SingleStatistics },
        Skip("no beta", Any(1, 2, 4), Any(1, 2, 4), Any(4)),
        Skip("bias without beta", Any(1, 2, 4), Any(1, 2, 4), Any(4), Omitted, Any(4)),
        Skip("skip without batch", Any(2, 2, 3), Any(2, 3), Any(3), Any(3)),
        Skip("skip of one sample", Any(2, 2, 3), Any(1, 2, 3), Any(3), Any(3)),
        Skip("matrices, large epsilon", Any(2, 3), Any(2, 3), Any(3), Any(3)).With(("epsilon", 0.1f)),
        Skip("only the sum used", Any(1, 2, 3), Any(1, 2, 3), Any(3)) with { Outputs = 4, UnusedOutputs = [0, 1, 2] },

        SkipSimplified("everything", Any(2, 2, 3), Any(2, 2, 3), Any(3), Any(3)) with { Outputs = 4, UnusedOutputs = [1, 2] },
        SkipSimplified("only the first output", Any(2, 2, 3), Any(2, 2, 3), Any(3)),
        SkipSimplified("statistics used", Any(2, 2, 3), Any(2, 2, 3), Any(3), Any(3)) with { Outputs = 4, SingleOnly = SingleStatistics },
        SkipSimplified("skip without batch", Any(2, 2, 3), Any(2, 3), Any(3), Any(3)),
        SkipSimplified("matrices, large epsilon", Any(2, 3), Any(2, 3), Any(3)).With(("epsilon", 0.1f)),
    ];

    private static GradientCase Simplified(string description, long[] shape, long[] scale) =>
        new("SimplifiedLayerNormalization", description, Any(shape), Any(scale));

    private static GradientCase Skip(string description, params CaseInput[] inputs) =>
        new("SkipLayerNormalization", description, inputs) { Domain = Microsoft };

    private static GradientCase SkipSimplified(string description, params CaseInput[] inputs) =>
        new("SkipSimplifiedLayerNormalization", description, inputs) { Domain = Microsoft };
}
