using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Fused;

/// <summary>Products of matrices with what the runtime fuses into them: transposition, a factor, an activation.</summary>
internal static class FusedProducts
{
    public static readonly Composition FusedMatMul = new("FusedMatMul", Product, OnnxDomains.Microsoft);

    /// <summary>The older name, without the transposition of batch axes.</summary>
    public static readonly Composition TransposeMatMul = new("TransposeMatMul", Product, OnnxDomains.Microsoft);

    public static readonly Composition FusedGemm = new("FusedGemm", static node =>
    {
        var (a, b) = (node.Input(0), node.Input(1));
        long transA = node.Integer("transA", 0), transB = node.Integer("transB", 0);
        var sum = node.Graph.Node(
            "Gemm", [a, b, .. node.HasInput(2) ? [node.Input(2)] : Array.Empty<SymbolicTensor>()],
            new TensorType(a.ElementType, [a.Shape[transA == 0 ? 0 : 1], b.Shape[transB == 0 ? 1 : 0]]),
            ("alpha", node.Number("alpha", 1)), ("beta", node.Number("beta", 1)), ("transA", transA), ("transB", transB));
        return [FusedActivation.Apply(sum, node.Text("activation", string.Empty), Parameter)];

        float Parameter(string name) => node.HasAttribute("activation_" + name)
            ? node.Number("activation_" + name, 0)
            : throw new FineTuningException($"its attribute 'activation_{name}' is missing");
    }, OnnxDomains.Microsoft);

    private static IReadOnlyList<SymbolicTensor?> Product(NodeContext node)
    {
        var left = Operand(node, 0, "transBatchA", "transA");
        var right = Operand(node, 1, "transBatchB", "transB");
        return [left.MatMul(right) * node.Number("alpha", 1)];
    }

    private static SymbolicTensor Operand(NodeContext node, int index, string batchFlag, string flag)
    {
        var x = node.Input(index);
        bool batch = node.Integer(batchFlag, 0) != 0, matrices = node.Integer(flag, 0) != 0;
        // A vector is left as it is, whatever the flags.
        if (!batch && !matrices || x.Rank < 2)
            return x;

        // The rows are the first axis, before those of the batch, when the flag of the batch is set.
        int[] axes = batch ? [.. Enumerable.Range(1, x.Rank - 2), 0, x.Rank - 1] : [.. Enumerable.Range(0, x.Rank)];
        if (matrices)
            (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        return x.Transpose(axes);
    }
}
