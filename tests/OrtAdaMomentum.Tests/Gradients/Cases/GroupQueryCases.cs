using OrtAdaMomentum.Onnx;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>GroupQueryAttention over whole sequences. The runtime wants heads of 8, and of 16 where they turn with their position.</summary>
internal static class GroupQueryCases
{
    private static readonly CaseInput Last = Integers32Of([2], 2, 2);

    private static readonly CaseInput Total = Integers32Of([1], 3);

    private static readonly CaseInput Table = Any(5, 8).AsParameter;

    public static readonly GradientCase[] All =
    [
        Case("shared keys", [.. Apart(4, 2), Last, Total]).With(("num_heads", 4L), ("kv_num_heads", 2L)),
        Case("one head of keys, lengths known at run time", [.. Apart(2, 1), Last.AsFed, Total.AsFed]),
        Case("as many heads of keys", [.. Apart(2, 2), Last, Total]).With(("num_heads", 2L), ("kv_num_heads", 2L)),
        Case("packed", [Any(2, 3, 32), Omitted, Omitted, Omitted, Omitted, Last, Total]),
        Case("empty past", [Any(2, 3, 16), Any(2, 3, 8), Any(2, 3, 8), Empty, Empty, Last, Total]),
        Case("padded sample", [.. Apart(2, 1), Integers32Of([2], 1, 2), Total]),
        Case("both directions", [.. Apart(2, 1), Integers32Of([2], 1, 2), Total]).With(("num_heads", 2L), ("kv_num_heads", 1L), ("causal", 0L)),
        Case("scale and softcap", [.. Apart(2, 1), Last, Total])
            .With(("num_heads", 2L), ("kv_num_heads", 1L), ("scale", 0.3f), ("softcap", 0.5f)),
        Case("window", [.. Apart(2, 1), Last, Total]).With(("num_heads", 2L), ("kv_num_heads", 1L), ("local_window_size", 2L)),
        Case("smooth softmax", [.. Apart(2, 1), Last, Total]).With(("num_heads", 2L), ("kv_num_heads", 1L), ("smooth_softmax", 1L)),
        Case("sink", [.. Apart(2, 1), Last, Total, Omitted, Omitted, Omitted, Omitted, Any(2).AsParameter]),
        Case("attention bias", [.. Apart(2, 1), Last, Total, Omitted, Omitted, Omitted, Any(2, 1, 3, 3)]),
        Rotary("turned", 16, [Table, Table]).With(("num_heads", 2L), ("kv_num_heads", 1L), ("do_rotary", 1L)),
        Rotary("turned, pairs side by side", 16, [Table.AsConstant, Table.AsConstant])
            .With(("num_heads", 2L), ("kv_num_heads", 1L), ("do_rotary", 1L), ("rotary_interleaved", 1L)),
        Rotary("turned in part, from a position on", 32, [Table, Table, IntegersOf([1, 3], 1, 2, 3)])
            .With(("num_heads", 2L), ("kv_num_heads", 1L), ("do_rotary", 1L)),
    ];

    private static CaseInput Empty => Any(2, 1, 0, 8).AsConstant;

    private static CaseInput[] Apart(long heads, long keyHeads) =>
        [Any(2, 3, heads * 8), Any(2, 3, keyHeads * 8), Any(2, 3, keyHeads * 8), Omitted, Omitted];

    private static GradientCase Case(string description, CaseInput[] inputs) =>
        new GradientCase("GroupQueryAttention", description, inputs) { Domain = OnnxDomains.Microsoft, Outputs = 3 }
            .With(("num_heads", 2L), ("kv_num_heads", 1L));

    private static GradientCase Rotary(string description, long size, CaseInput[] tables) =>
        Case(description, [Any(1, 3, 2 * size), Any(1, 3, size), Any(1, 3, size), Omitted, Omitted, Integers32Of([1], 2), Total, .. tables]);
}
