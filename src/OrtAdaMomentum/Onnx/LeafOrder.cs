using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>
/// Orders the nodes that only outputs of the graph depend on. ONNX Runtime runs a graph depth first, back from these nodes, the last of the
/// file first. With the one that can run earliest at the end, each runs as soon as it can, and what it read is free again: the gradient of
/// a late layer's weight does not wait, with all that it needs, for the gradient of the first layer.
/// </summary>
internal static class LeafOrder
{
    /// <summary>Moves the leaves of a sorted graph behind all other nodes, in the reverse of their order.</summary>
    public static void Apply(GraphProto graph)
    {
        var read = graph.Node.SelectMany(SubGraphs.Reads).ToHashSet();
        NodeProto[] inner = [.. graph.Node.Where(node => node.Output.Any(read.Contains))];
        NodeProto[] leaves = [.. graph.Node.Where(node => !node.Output.Any(read.Contains)).Reverse()];
        graph.Node.Clear();
        graph.Node.AddRange(inner);
        graph.Node.AddRange(leaves);
    }
}
