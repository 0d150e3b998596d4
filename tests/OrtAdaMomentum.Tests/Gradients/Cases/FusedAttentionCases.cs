using OrtAdaMomentum.Onnx;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Attention and embeddings of ONNX Runtime, as its optimiser leaves them in files.</summary>
internal static class FusedAttentionCases
{
    private static readonly CaseInput Words = Integers32Of([2, 3], 0, 3, 3, 1, 2, 0);

    private static readonly CaseInput Segments = Integers32Of([2, 3], 0, 1, 1, 1, 0, 0);

    private static readonly CaseInput Flags = Integers32Of([2, 5], 1, 1, 0, 1, 0, 0, 1, 1, 1, 1);

    public static readonly GradientCase[] All =
    [
        MultiHead("no mask"),
        MultiHead("scale").With(("num_heads", 2L), ("scale", 0.3f)),
        MultiHead("bias", bias: Any(22).AsParameter),
        MultiHead("lengths", mask: Integers32Of([2], 3, 5)),
        MultiHead("lengths known at run time", mask: Integers32Of([2], 3, 5).AsFed),
        MultiHead("lengths and starts, of which the lengths count", mask: Integers32Of([8], 3, 5, 0, 3, 6, 0, 5, 10)),
        MultiHead("flags", mask: Flags),
        MultiHead("flags of each query", mask: Integers32Of(
            [2, 3, 5], 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0).AsFed),
        MultiHead("flags, weak mask", mask: Flags).With(("num_heads", 2L), ("mask_filter_value", -2f)),
        MultiHead("no key at all, weak mask", mask: Integers32Of([2, 5], 0, 0, 0, 0, 0, 0, 1, 1, 1, 1))
            .With(("num_heads", 2L), ("mask_filter_value", -8f)),
        MultiHead("attention bias", attentionBias: Any(2, 2, 3, 5)),
        MultiHead("attention bias of each head", attentionBias: Any(1, 2, 3, 5)),
        MultiHead("attention bias of each sample", attentionBias: Any(2, 1, 3, 5)),
        MultiHead("one attention bias", attentionBias: Any(1, 1, 3, 5)),
        MultiHead("everything", Any(22).AsParameter, Flags, Any(1, 2, 3, 5)) with { Outputs = 3 },
        MultiHead("unidirectional, more keys than queries").With(("num_heads", 2L), ("unidirectional", 1L)),
        OfHeads("MultiHeadAttention", "unidirectional", Any(2, 3, 8), Any(2, 3, 8), Any(2, 3, 8), Omitted, Integers32Of([2, 3], 1, 0, 1, 1, 1, 0))
            .With(("num_heads", 2L), ("unidirectional", 1L)),
        OfHeads("MultiHeadAttention", "past", [.. Current, Omitted, Omitted, Omitted, Any(2, 2, 2, 4), Any(2, 2, 2, 4)]) with { Outputs = 3 },
        OfHeads("MultiHeadAttention", "past, unidirectional, flags and bias", [.. Current, Any(24).AsParameter, PastFlags, Any(1, 1, 3, 5), .. PastKeys])
            .With(("num_heads", 2L), ("unidirectional", 1L)) with { Outputs = 3 },
        OfHeads("MultiHeadAttention", "keys by head", Any(2, 3, 8), Any(2, 2, 5, 4), Any(2, 2, 5, 4)),
        OfHeads("MultiHeadAttention", "keys by head, lengths and bias", Any(2, 3, 8), Any(2, 2, 5, 4), Any(2, 2, 5, 4), Omitted,
            Integers32Of([2], 3, 5), Any(1, 2, 3, 5)) with { Outputs = 3 },

        Projected("no mask"),
        Projected("scale").With(("num_heads", 2L), ("scale", 0.3f)),
        Projected("unidirectional").With(("num_heads", 2L), ("unidirectional", 1L)),
        OfHeads("Attention", "values of another width", Any(2, 3, 4), Any(4, 14), Any(14))
            .With(("num_heads", 2L), ("qkv_hidden_sizes", new long[] { 4, 4, 6 })),
        Projected("lengths", Integers32Of([2], 2, 3)),
        Projected("ends and starts", Integers32Of([4], 3, 3, 1, 0)),
        Projected("ends and starts known at run time", Integers32Of([4], 3, 2, 1, 0).AsFed),
        Projected("lengths of packed batches", Integers32Of([8], 2, 3, 0, 2, 5, 0, 3, 6)),
        Projected("flags", Integers32Of([2, 3], 1, 0, 1, 1, 1, 0)),
        Projected("flags, unidirectional, weak mask", Integers32Of([2, 3], 1, 0, 1, 1, 1, 0))
            .With(("num_heads", 2L), ("unidirectional", 1L), ("mask_filter_value", -2f)),
        Projected("flags of each query, unidirectional", Integers32Of([2, 3, 3], 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1))
            .With(("num_heads", 2L), ("unidirectional", 1L), ("mask_filter_value", -3f)),
        Projected("a mask that says nothing", Integers32Of([2, 1], 0, 1)),
        Projected("attention bias", bias: Any(1, 2, 3, 3)),
        Projected("attention bias and lengths", Integers32Of([2], 2, 3), Any(2, 1, 3, 3)),
        Projected("present without past") with { Outputs = 2 },
        OfHeads("Attention", "past, flags, unidirectional", Any(2, 3, 4), Any(4, 12).AsParameter, Any(12).AsParameter, PastFlags, Any(2, 2, 2, 2, 2))
            .With(("num_heads", 2L), ("unidirectional", 1L), ("mask_filter_value", -3f)) with { Outputs = 2 },

        Embedding("words, positions and segments", [Words, Segments, .. Tables]),
        Embedding("words known at run time", [Words.AsFed, Segments.AsFed, .. Tables]),
        Embedding("no segments", [Words, Omitted, Table(5), Table(3), Omitted, Any(4).AsParameter, Any(4).AsParameter]).With(("epsilon", 0.1f)),
        Embedding("frozen words", [Words, Segments, Table(5).AsConstant, .. Tables.Skip(1)]),
        Embedding("mask", [Words, Segments, .. Tables, Integers32Of([2, 3], 1, 1, 0, 1, 0, 0)]).With(("epsilon", 0.1f), ("mask_index_type", 1L)),
        Embedding("positions given", [Words, Segments, .. Tables, Omitted, Integers32Of([2, 3], 3, 1, 0, 2, 2, 0)]),
        Embedding("positions given for all samples", [Words, Segments, .. Tables, Omitted, Integers32Of([1, 3], 3, 1, 0).AsFed]),
        Embedding("the sum as an output", [Words, Segments, .. Tables]) with { Outputs = 3 },
    ];

    private static CaseInput[] Current => [Any(2, 3, 8), Any(2, 3, 8), Any(2, 3, 8)];

    private static CaseInput[] PastKeys => [Any(2, 2, 2, 4), Any(2, 2, 2, 4)];

    private static CaseInput PastFlags => Integers32Of([2, 5], 1, 0, 1, 1, 1, 1, 1, 0, 1, 1);

    /// <summary>Words, positions, segments, scale and shift: parameters, whose shapes the runtime wants to know.</summary>
    private static CaseInput[] Tables => [Table(5), Table(4), Table(2), Any(4).AsParameter, Any(4).AsParameter];

    private static CaseInput Table(long rows) => Any(rows, 4).AsParameter;

    private static GradientCase OfHeads(string operatorType, string description, params CaseInput[] inputs) =>
        new GradientCase(operatorType, description, inputs) { Domain = OnnxDomains.Microsoft }.With(("num_heads", 2L));

    private static GradientCase MultiHead(string description, CaseInput? bias = null, CaseInput? mask = null, CaseInput? attentionBias = null) =>
        OfHeads(
            "MultiHeadAttention", description,
            Any(2, 3, 8), Any(2, 5, 8), Any(2, 5, 6), bias ?? Omitted, mask ?? Omitted, attentionBias ?? Omitted);

    private static GradientCase Projected(string description, CaseInput? mask = null, CaseInput? bias = null) =>
        OfHeads("Attention", description, Any(2, 3, 4), Any(4, 12), Any(12), mask ?? Omitted, Omitted, bias ?? Omitted);

    private static GradientCase Embedding(string description, CaseInput[] inputs) =>
        new GradientCase("EmbedLayerNormalization", description, inputs) { Domain = OnnxDomains.Microsoft, Outputs = 2 }.With(("epsilon", 0.01f));
}
