using OrtAdaMomentum.Onnx;
using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Rotary positions, of the ONNX standard and of ONNX Runtime.</summary>
internal static class RotaryCases
{
    private static readonly CaseInput Positions = IntegersOf([2, 3], 0, 2, 5, 1, 1, 3);

    public static readonly GradientCase[] All =
    [
        Standard("four axes", Any(2, 2, 3, 4), Any(6, 2), Any(6, 2), Positions),
        Standard("three axes", Any(2, 3, 8), Any(6, 2), Any(6, 2), Positions.AsFed).With(("num_heads", 2L)),
        Standard("pairs side by side", Any(2, 2, 3, 4), Any(6, 2), Any(6, 2), Positions).With(("interleaved", 1L)),
        Standard("three axes, pairs side by side", Any(2, 3, 8), Any(6, 2), Any(6, 2), Positions).With(("num_heads", 2L), ("interleaved", 1L)),
        Standard("tables of each position", Any(2, 2, 3, 4), Any(2, 3, 2), Any(2, 3, 2)),
        Standard("three axes, tables of each position", Any(2, 3, 8), Any(2, 3, 2).AsConstant, Any(2, 3, 2).AsConstant).With(("num_heads", 2L)),
        Standard("part of a head", Any(2, 2, 3, 6), Any(6, 2), Any(6, 2), Positions).With(("rotary_embedding_dim", 4L)),
        Standard("three axes, part of a head, pairs side by side", Any(2, 3, 12), Any(6, 2), Any(6, 2), Positions)
            .With(("rotary_embedding_dim", 4L), ("num_heads", 2L), ("interleaved", 1L)),
        Standard("all of a head by name", Any(2, 2, 3, 4), Any(6, 2), Any(6, 2), Positions).With(("rotary_embedding_dim", 4L)),

        Microsoft("three axes", Any(2, 3, 8), Positions, Any(6, 2).AsParameter, Any(6, 2).AsParameter),
        Microsoft("tables of an open width", Any(2, 3, 8), Positions, Any(6, 2), Any(6, 2)).With(("num_heads", 2L)),
        Microsoft("pairs side by side", Any(2, 3, 8), Positions.AsFed, Any(6, 2).AsConstant, Any(6, 2).AsConstant).With(("interleaved", 1L)),
        Microsoft("first position", Any(2, 3, 8), Integers(2), Any(6, 2).AsConstant, Any(6, 2).AsConstant),
        Microsoft("first position as a scalar", Any(2, 2, 3, 4), IntegersOf([], 2).AsFed, Any(6, 2), Any(6, 2)),
        Microsoft("four axes", Any(2, 2, 3, 4), Positions, Any(6, 2), Any(6, 2)),
        Microsoft("part of a head", Any(2, 3, 12), Positions, Any(6, 2), Any(6, 2)).With(("rotary_embedding_dim", 4L), ("num_heads", 2L)),
        Microsoft("four axes, part of a head, pairs side by side", Any(2, 2, 3, 6), Positions, Any(6, 2), Any(6, 2))
            .With(("rotary_embedding_dim", 4L), ("num_heads", 2L), ("interleaved", 1L)),
        Microsoft("scale and ragged batches mean nothing on the CPU", Any(2, 3, 8), Positions, Any(6, 2).AsConstant, Any(6, 2).AsConstant)
            .With(("scale", 2f), ("is_packed_batching", 1L)),
    ];

    private static GradientCase Standard(string description, params CaseInput[] inputs) =>
        new("RotaryEmbedding", description, inputs) { ModelOpset = 23 };

    private static GradientCase Microsoft(string description, params CaseInput[] inputs) =>
        new("RotaryEmbedding", description, inputs) { Domain = OnnxDomains.Microsoft };
}
