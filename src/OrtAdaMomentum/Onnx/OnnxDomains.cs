using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Names of operator sets.</summary>
internal static class OnnxDomains
{
    /// <summary>The standard operators. Files write it empty or as <c>ai.onnx</c>.</summary>
    public const string Standard = "";

    /// <summary>Operators of classical machine learning: trees, scalers, maps.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    /// <summary>Operators that ONNX Runtime adds.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>Operators that this library computes itself, where ONNX Runtime lets it.</summary>
    public const string Kernels = "ortadamomentum";

    /// <summary>Operators that the runtime's optimiser puts into models for the processor it runs on.</summary>
    private static readonly string[] Layouts = ["com.microsoft.nchwc", "com.ms.internal.nhwc"];

    /// <summary>The one spelling of a domain.</summary>
    public static string Canonical(string domain) => domain == "ai.onnx" ? Standard : domain;

    /// <summary>Whether a node is one of the standard operators.</summary>
    public static bool IsStandard(NodeProto node) => Canonical(node.Domain).Length == 0;

    /// <summary>Whether a node is the standard operator <paramref name="opType"/>.</summary>
    public static bool Is(NodeProto node, string opType) => node.OpType == opType && IsStandard(node);

    /// <summary>Whether a node stands only in models that the runtime's optimiser has saved.</summary>
    public static bool IsOfOptimizedFile(NodeProto node) => Layouts.Contains(node.Domain);

    /// <summary>The operator's name, with its domain when that is not the standard one.</summary>
    public static string QualifiedName(NodeProto node) =>
        IsStandard(node) ? node.OpType : $"{node.Domain}.{node.OpType}";

    /// <summary>The imported version by domain; the last entry counts when a file names a domain twice.</summary>
    public static Dictionary<string, long> Imports(IEnumerable<OperatorSetIdProto> imports)
    {
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
            versions[Canonical(import.Domain)] = import.Version;
        return versions;
    }
}
