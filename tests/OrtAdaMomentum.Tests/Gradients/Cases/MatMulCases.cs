using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Products of matrices.</summary>
internal static class MatMulCases
{
    public static readonly GradientCase[] All =
    [
        new("MatMul", "matrices", Any(2, 3), Any(3, 4)),
        new("MatMul", "vector by matrix", Any(3), Any(3, 4)),
        new("MatMul", "matrix by vector", Any(2, 3), Any(3)),
        new("MatMul", "vectors", Any(3), Any(3)),
        new("MatMul", "vector by batch", Any(3), Any(2, 3, 2)),
        new("MatMul", "batch by vector", Any(2, 2, 3), Any(3)),
        new("MatMul", "batch by matrix", Any(2, 2, 3), Any(3, 2)),
        new("MatMul", "matrix by batch", Any(2, 3), Any(2, 3, 2)),
        new("MatMul", "batches", Any(2, 2, 3), Any(2, 3, 2)),
        new("MatMul", "batch of 1 left", Any(1, 2, 3), Any(2, 3, 2)),
        new("MatMul", "batch of 1 right", Any(2, 2, 3), Any(1, 3, 2)),
        new("MatMul", "rank 4", Any(2, 2, 2, 3), Any(2, 2, 3, 2)),
        new("MatMul", "rank 4 by matrix", Any(2, 2, 2, 3), Any(3, 2)),
        new("MatMul", "rank 4, batch broadcast on both sides", Any(2, 1, 2, 3), Any(1, 3, 3, 2)),
        new("MatMul", "rank 4 by rank 3", Any(2, 3, 2, 2), Any(3, 2, 2)),
        new("MatMul", "constant right", Any(2, 3), Any(3, 2).AsConstant),
        new("MatMul", "constant left", Any(2, 3).AsConstant, Any(3, 2)),
        new("MatMul", "one row and one column", Any(1, 3), Any(3, 1)),
    ];
}
