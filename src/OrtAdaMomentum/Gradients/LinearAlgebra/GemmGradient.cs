namespace OrtAdaMomentum.Gradients.LinearAlgebra;

/// <summary>Y = alpha A B + beta C, each matrix transposed or not: dA = alpha G Bᵀ, dB = alpha Aᵀ G, dC = beta G summed to C.</summary>
internal static class GemmGradient
{
    public static readonly GradientRule Rule = new("Gemm", static node =>
    {
        var (a, b, g) = (node.Input(0), node.Input(1), node.Gradient);
        bool transA = node.Integer("transA", 0) != 0, transB = node.Integer("transB", 0) != 0;
        float alpha = node.Number("alpha", 1);

        // Where an operand is transposed, the transposed product is its gradient: (G Bᵀ)ᵀ = B Gᵀ.
        var left = transA ? Gemm(b, g, transB, true, alpha, a) : Gemm(g, b, false, !transB, alpha, a);
        var right = transB ? Gemm(g, a, true, transA, alpha, b) : Gemm(a, g, !transA, false, alpha, b);
        var added = node.Needs(2) ? Broadcasting.SumTo(g, node.Input(2)) * node.Number("beta", 1) : null;
        return [left, right, added];
    });

    private static SymbolicTensor Gemm(SymbolicTensor a, SymbolicTensor b, bool transA, bool transB, float alpha, SymbolicTensor like) =>
        a.Graph.Node("Gemm", [a, b], like.Type, ("alpha", alpha), ("transA", transA ? 1L : 0L), ("transB", transB ? 1L : 0L));
}
