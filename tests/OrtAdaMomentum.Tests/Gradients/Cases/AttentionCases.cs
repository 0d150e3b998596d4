using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Attention of the ONNX standard, which is newer than the rules: converted for the gradient, as it is for the differences.</summary>
internal static class AttentionCases
{
    private const string NotANumber = "where a query may look at no key, ONNX Runtime gives NaN in double precision and zeros in single precision";

    private const string MixedTypes = "ONNX Runtime cannot mask by a float mask and otherwise too in double precision";

    private const string OtherEnd = "with nonpad_kv_seqlen ONNX Runtime counts is_causal from the other end in double precision";

    private static readonly bool[] Flags =
    [
        true, true, false, true, false,
        false, true, true, false, true,
        true, false, false, false, false,
    ];

    private static readonly bool[] FlagsWithEmptyRow =
    [
        true, true, false, true, false,
        false, false, false, false, false,
        true, false, false, false, false,
    ];

    public static readonly GradientCase[] All =
    [
        ByHead("four axes"),
        Flat("three axes", 2, 2),
        ByHead("shared keys", 4, 2),
        ByHead("one head of keys", 3, 1),
        Flat("three axes, shared keys", 4, 2),
        Flat("three axes, one head of keys", 2, 1),
        ByHead("scale").With(("scale", 0.3f)),
        ByHead("scale of one").With(("scale", 1f)),
        Flat("three axes, scale", 2, 2, ("scale", 2f)),
        ByHead("softcap").With(("softcap", 0.4f)),
        ByHead("softmax in double").With(("softmax_precision", 11L)),
        ByHead("softmax in half is not taken at its word").With(("softmax_precision", 10L)) with { SingleOnly = "in double precision it is" },

        ByHead("causal").With(("is_causal", 1L)),
        Flat("three axes, causal", 2, 1, ("is_causal", 1L)),
        Case("causal, more queries than keys", Any(1, 2, 5, 2), Any(1, 2, 3, 2), Any(1, 2, 3, 2)).With(("is_causal", 1L)),
        ByHead("float mask", mask: Any(3, 5)),
        ByHead("float mask of each head", mask: Any(2, 3, 5)),
        ByHead("float mask of each sample", mask: Any(2, 1, 3, 5)),
        ByHead("float mask of each sample and head, shared keys", 4, 2, Any(2, 4, 3, 5)),
        ByHead("float mask, causal", mask: Any(3, 5)).With(("is_causal", 1L)) with { SingleOnly = MixedTypes },
        ByHead("float mask, softcap, causal", mask: Any(3, 5)).With(("is_causal", 1L), ("softcap", 0.7f)) with { SingleOnly = MixedTypes },
        ByHead("float mask that hides keys", mask: Numbers(
            [3, 5], [.. Flags.Select(static flag => flag ? 0 : double.NegativeInfinity)]).AsConstant),
        ByHead("float mask that hides all keys of a query", mask: Numbers(
            [3, 5], [.. FlagsWithEmptyRow.Select(static flag => flag ? 0 : double.NegativeInfinity)]).AsConstant) with { SingleOnly = NotANumber },
        ByHead("float mask of the lowest number", mask: Numbers(
            [3, 5], [.. FlagsWithEmptyRow.Select(static flag => flag ? 0.5 : float.MinValue)]).AsFed) with { SingleOnly = NotANumber },
        ByHead("boolean mask", mask: Booleans([3, 5], Flags)),
        ByHead("boolean mask known at run time", mask: Booleans([1, 3, 5], Flags).AsFed),
        ByHead("boolean mask that hides all keys of a query", mask: Booleans([3, 5], FlagsWithEmptyRow)) with { SingleOnly = NotANumber },
        ByHead("boolean mask, causal", mask: Booleans([1, 1, 3, 5], Flags)).With(("is_causal", 1L)) with { SingleOnly = NotANumber },

        Past("past"),
        Past("past, causal").With(("is_causal", 1L)),
        Past("past, shared keys, float mask", 4, Any(3, 7)),
        Past("past, one query sees all keys", queries: 1).With(("is_causal", 1L)) with { SingleOnly = "in double precision it does not" },
        Case("past, three axes", Any(2, 3, 4), Any(2, 3, 2), Any(2, 3, 3), Omitted, Any(2, 1, 2, 2), Any(2, 1, 2, 3))
            .With(("q_num_heads", 2L), ("kv_num_heads", 1L), ("is_causal", 1L)) with { Outputs = 3 },
        Flat("present without past", 2, 2) with { Outputs = 3 },
        ByHead("present without past, four axes") with { Outputs = 3 },

        ByHead("scores", mask: Any(3, 5)).With(("softcap", 0.6f)) with { Outputs = 4 },
        ByHead("scores after softcap", mask: Any(3, 5)).With(("softcap", 0.6f), ("qk_matmul_output_mode", 1L)) with { Outputs = 4 },
        ByHead("scores after softcap, without softcap", 4, 2).With(("qk_matmul_output_mode", 1L)) with { Outputs = 4 },
        ByHead("scores after mask", mask: Any(3, 5)).With(("softcap", 0.6f), ("qk_matmul_output_mode", 2L)) with { Outputs = 4 },
        ByHead("weights", 4, 2, Any(3, 5)).With(("qk_matmul_output_mode", 3L), ("is_causal", 1L)) with { Outputs = 4, SingleOnly = MixedTypes },
        ByHead("weights, boolean mask that hides all keys of a query", mask: Booleans([3, 5], FlagsWithEmptyRow))
            .With(("qk_matmul_output_mode", 3L)) with { Outputs = 4, SingleOnly = NotANumber },

        Padded("keys padded", 1, 4),
        Padded("keys padded, float mask", 2, 5, Any(3, 5)) with { SingleOnly = MixedTypes },
        Padded("no key at all", 0, 5) with { SingleOnly = NotANumber },
        Padded("keys padded, causal", 3, 4).With(("is_causal", 1L)) with { SingleOnly = OtherEnd },
        Padded("keys padded, causal, more queries than keys", 1, 4).With(("is_causal", 1L)) with { SingleOnly = OtherEnd },
    ];

    private static GradientCase Case(string description, params CaseInput[] inputs) => new("Attention", description, inputs) { ModelOpset = 23 };

    private static GradientCase ByHead(string description, long heads = 2, long keyHeads = 2, CaseInput? mask = null)
    {
        CaseInput[] inputs = [Any(2, heads, 3, 4), Any(2, keyHeads, 5, 4), Any(2, keyHeads, 5, 3)];
        return Case(description, mask is null ? inputs : [.. inputs, mask]);
    }

    private static GradientCase Flat(string description, long heads, long keyHeads, params (string, object)[] attributes) =>
        Case(description, Any(2, 3, heads * 4), Any(2, 5, keyHeads * 4), Any(2, 5, keyHeads * 3))
            .With([.. attributes, ("q_num_heads", heads), ("kv_num_heads", keyHeads)]);

    private static GradientCase Past(string description, long heads = 2, CaseInput? mask = null, long queries = 3) =>
        Case(description, Any(2, heads, queries, 2), Any(2, 2, 5, 2), Any(2, 2, 5, 3), mask ?? Omitted, Any(2, 2, 2, 2), Any(2, 2, 2, 3)) with
        {
            Outputs = 3,
        };

    private static GradientCase Padded(string description, long first, long second, CaseInput? mask = null) =>
        Case(description, Any(2, 2, 3, 4), Any(2, 2, 5, 4), Any(2, 2, 5, 3), mask ?? Omitted, Omitted, Omitted, Integers(first, second).AsFed) with
        {
            ModelOpset = 24,
        };
}
