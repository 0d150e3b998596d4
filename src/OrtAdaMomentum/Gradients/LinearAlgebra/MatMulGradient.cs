using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.LinearAlgebra;

/// <summary>Y = A B, matrices in the last two axes: dA = G Bᵀ, dB = Aᵀ G.</summary>
internal static class MatMulGradient
{
    public static readonly GradientRule Rule = new("MatMul", static node =>
    {
        var (a, b, g) = (node.Input(0), node.Input(1), node.Gradient);
        // A vector operand is a matrix of one row or one column whose axis the product drops.
        var rows = a.Rank == 1 ? a.Unsqueeze(0) : a;
        var columns = b.Rank == 1 ? b.Unsqueeze(1) : b;
        if (b.Rank == 1)
            g = g.Unsqueeze(-1);
        if (a.Rank == 1)
            g = g.Unsqueeze(-2);

        if (rows.Rank == 2 && columns.Rank == 2)
        {
            var graph = node.Graph;
            return
            [
                graph.Node("Gemm", [g, columns], rows.Type, ("transB", 1L)).ReshapeLike(a),
                graph.Node("Gemm", [rows, g], columns.Type, ("transA", 1L)).ReshapeLike(b),
            ];
        }

        SymbolicTensor? left = null, right = null;
        if (node.Needs(0))
            left = Broadcasting.SumTo(g.MatMul(columns.TransposeMatrices()), rows, [BatchOf(columns)]).ReshapeLike(a);
        if (node.Needs(1))
            right = RightGradient(rows, columns, g).ReshapeLike(b);
        return [left, right];
    });

    private static SymbolicTensor RightGradient(SymbolicTensor rows, SymbolicTensor columns, SymbolicTensor g)
    {
        // One weight matrix under a batch: fold the batch into the rows, so that one product replaces a batch of them and their sum.
        if (columns.Rank == 2 && rows.Rank > 2 && columns.Type.StaticShape is [var inner, var outer] && inner > 0 && outer > 0)
        {
            return columns.Graph.Node(
                "Gemm", [rows.Reshape(-1, inner), g.Reshape(-1, outer)], columns.Type, ("transA", 1L));
        }

        return Broadcasting.SumTo(rows.TransposeMatrices().MatMul(g), columns, [BatchOf(rows)]);
    }

    // Only the axes before the matrices broadcast.
    private static Dimension[] BatchOf(SymbolicTensor matrices) => [.. matrices.Shape.Take(matrices.Rank - 2), 1, 1];
}
