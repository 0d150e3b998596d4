namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Every training-only operator that is rewritten. One of its own file has its line here.</summary>
internal static class OfficialOperators
{
    public static readonly IReadOnlyList<OfficialOperator> All =
    [
        .. Activations.All,
        .. ClassLosses.All,
        .. LastAxisLosses.All,
        .. Normalizations.All,
        .. Pooling.All,
        .. Indexing.All,
        .. Quantization.All,
        .. Reductions.All,
        .. Splitting.All,
        .. Padding.All,
        .. Scaling.All,
        .. BatchStatistics.All,
        Convolution.Conv,
        Convolution.ConvTranspose,
        Division.Operator,
        Dropout.Operator,
        Resizing.Operator,
        Recurrent.Lstm,
        Recurrent.LstmGradient,
        Recurrent.Gru,
        Recurrent.GruGradient,
    ];

    /// <summary>Operators of the training build that are not rewritten.</summary>
    private static readonly HashSet<string> Others =
    [
        "AdamOptimizer", "AdamWOptimizer", "Group", "InplaceClipGradNorm", "IsAllFinite", "IsFinite", "LambOptimizer", "MegatronF", "MegatronG",
        "MixedPrecisionScale", "PassThrough", "PythonOp", "Recv", "RecordEvent", "ReduceAllL2", "SGDOptimizer", "SGDOptimizerV2", "Send", "View", "WaitEvent", "YieldOp",
    ];

    /// <summary>Where PyTorch computes.</summary>
    private const string PyTorch = "org.pytorch.aten";

    private static readonly Dictionary<(string, string), OfficialOperator> ByName =
        All.ToDictionary(static item => (item.Domain, item.OperatorType));

    /// <summary>How a node is rewritten; null when it is an ordinary one, or not known.</summary>
    public static OfficialOperator? Find(Onnx.Proto.NodeProto node) =>
        ByName.GetValueOrDefault((Onnx.OnnxDomains.Canonical(node.Domain), node.OpType));

    /// <summary>Whether a node needs the training build, and cannot be rewritten.</summary>
    public static bool IsUnknown(Onnx.Proto.NodeProto node) =>
        Find(node) is null && (node.Domain == PyTorch || node.OpType.EndsWith("Grad", StringComparison.Ordinal) || node.OpType.Contains("Grad_", StringComparison.Ordinal)
            || (Others.Contains(node.OpType) && node.Domain == Onnx.OnnxDomains.Microsoft));
}
