using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>How messages call a node.</summary>
internal static class NodeNames
{
    /// <summary>The node's operator and its name, or its first output when it has none.</summary>
    public static string Describe(NodeProto node)
    {
        if (node.Name.Length > 0)
            return $"node '{node.Name}' ({OnnxDomains.QualifiedName(node)})";
        string output = node.Output.FirstOrDefault(static name => name.Length > 0) ?? "";
        return output.Length > 0
            ? $"the {OnnxDomains.QualifiedName(node)} node that produces '{output}'"
            : $"an unnamed {OnnxDomains.QualifiedName(node)} node";
    }
}
