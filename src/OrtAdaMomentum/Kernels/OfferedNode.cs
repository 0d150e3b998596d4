using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Kernels;

/// <summary>A node that a training graph offers, with what is known of it before the graph runs.</summary>
/// <param name="node">The node.</param>
/// <param name="types">Types of the values that it reads and computes, as far as they are known.</param>
internal sealed class OfferedNode(NodeProto node, IReadOnlyDictionary<string, TensorType> types)
{
    /// <summary>Name of its operator.</summary>
    public string Operator => node.OpType;

    /// <summary>Axes of an input; null where not even their number is known.</summary>
    public IReadOnlyList<Dimension>? InputShape(int index) =>
        index < node.Input.Count ? types.GetValueOrDefault(node.Input[index])?.Shape : null;

    public long Integer(string name, long otherwise) => Attribute(name)?.I ?? otherwise;

    /// <summary>Null where the node has no such attribute.</summary>
    public long[]? Integers(string name) => Attribute(name) is { } attribute ? [.. attribute.Ints] : null;

    private AttributeProto? Attribute(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
