using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>A batch without samples: no gradient reaches any input, and that of a parameter is zero.</summary>
internal static class EmptyBatchCases
{
    public static readonly GradientCase[] All =
    [
        .. new[] { "Exp", "Gelu", "Relu", "Sigmoid", "Softmax", "LogSoftmax", "Tanh" }.Select(static name => Empty(name, Any(0, 3))),
        Empty("Add", Any(0, 3), Any(3)),
        Empty("BatchNormalization", Any(0, 3, 2), Any(3), Any(3), Any(3).AsConstant, Within(0.5, 1.5, 3).AsConstant),
        Empty("Concat", Any(0, 3), Any(0, 2)).With(("axis", 1L)),
        Empty("DepthToSpace", Any(0, 4, 2, 2)).With(("blocksize", 2L)),
        Empty("Div", Any(0, 3), Within(1, 2, 1)),
        Empty("Einsum", Any(0, 3), Any(3, 2)).With(("equation", "bi,ij->bj")),
        Empty("Expand", Any(0, 1), Integers(1, 3)),
        Empty("Flatten", Any(0, 2, 3)),
        Empty("Gather", Any(4, 3), IntegersOf([0])),
        Empty("Gemm", Any(0, 3), Any(3, 2), Any(2)),
        Empty("GlobalAveragePool", Any(0, 2, 3, 3)),
        Empty("GlobalMaxPool", Any(0, 2, 3, 3)),
        Empty("LayerNormalization", Any(0, 3, 4), Any(4), Any(4)),
        Empty("MatMul", Any(0, 3, 4), Any(4, 2)),
        Empty("MaxPool", Any(0, 2, 4, 4)).With(("kernel_shape", new long[] { 2, 2 })),
        Empty("Mul", Any(0, 3), Any(0, 1)),
        Empty("Pad", Any(0, 3), Integers(0, 1, 0, 2)),
        Empty("PRelu", Any(0, 3), Any(3)),
        Empty("ReduceMax", Any(0, 3), Integers(1)),
        Empty("ReduceMean", Any(0, 3), Integers(1)),
        Empty("ReduceSum", Any(0, 3), Integers(1)),
        Empty("Slice", Any(0, 4), Integers(1), Integers(3), Integers(1)),
        Empty("Split", Any(0, 4), Integers(1, 3)).With(("axis", 1L)) with { Outputs = 2 },
        Empty("Squeeze", Any(0, 1, 3), Integers(1)),
        Empty("Tile", Any(0, 3), Integers(1, 2)),
        Empty("Transpose", Any(0, 2, 3)),
        Empty("Unsqueeze", Any(0, 3), Integers(1)),
        Empty("Where", AnyBooleans(0, 3), Any(0, 3), Any(3)),
    ];

    private static GradientCase Empty(string operatorType, params CaseInput[] inputs) => new(operatorType, "batch without samples", inputs);
}
