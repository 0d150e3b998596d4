using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Makes initializers of Constant nodes: some exporters put all weights there, and a node's value could not train.</summary>
internal static class ConstantNodes
{
    public static void Apply(GraphProto graph) => Apply(graph, isInner: false);

    /// <summary>Works on a graph and those inside it; <paramref name="isInner"/> says whether it is inside another itself.</summary>
    public static void Apply(GraphProto graph, bool isInner)
    {
        // The runtime wants the outputs of a sub-graph to come from nodes.
        HashSet<string> keep = isInner ? graph.Output.Select(static output => output.Name).ToHashSet(StringComparer.Ordinal) : [];
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            if (OnnxDomains.Is(node, "Constant") && !keep.Contains(node.Output[0]) && Value(node) is { } tensor)
            {
                tensor.Name = node.Output[0];
                graph.Initializer.Add(tensor);
                continue;
            }

            kept.Add(node);
            foreach (GraphProto inner in SubGraphs.Of(node))
                Apply(inner, isInner: true);
        }

        graph.Node.Clear();
        graph.Node.AddRange(kept);
    }

    private static TensorProto? Value(NodeProto node)
    {
        AttributeProto? attribute = node.Attribute.FirstOrDefault(static attribute => attribute.Name.StartsWith("value", StringComparison.Ordinal));
        return attribute?.Name switch
        {
            "value" => attribute.T,
            "value_float" => TensorData.Scalar("", attribute.F),
            "value_floats" => TensorData.Create("", (float[])[.. attribute.Floats], attribute.Floats.Count),
            "value_int" => TensorData.Scalar("", attribute.I),
            "value_ints" => TensorData.Vector("", [.. attribute.Ints]),
            "value_string" => Strings([attribute.S], []),
            "value_strings" => Strings([.. attribute.Strings], [attribute.Strings.Count]),
            _ => null,
        };
    }

    private static TensorProto Strings(ByteString[] values, long[] shape)
    {
        var tensor = new TensorProto { DataType = (int)ElementType.String };
        tensor.Dims.AddRange(shape);
        tensor.StringData.AddRange(values);
        return tensor;
    }
}
