using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Graphs inside nodes: branches of If, bodies of Loop and Scan.</summary>
internal static class SubGraphs
{
    /// <summary>The graphs that a node holds itself.</summary>
    public static IEnumerable<GraphProto> Of(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is not null)
                yield return attribute.G;
            foreach (GraphProto graph in attribute.Graphs)
                yield return graph;
        }
    }

    /// <summary>A graph and all graphs inside it, at any depth; each comes after the one around it.</summary>
    public static IEnumerable<GraphProto> WithInner(GraphProto graph) =>
        graph.Node.SelectMany(Of).SelectMany(WithInner).Prepend(graph);

    /// <summary>Everything a node reads: its inputs, and what its sub-graphs take from around them.</summary>
    public static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Where(static name => name.Length > 0).Concat(Of(node).SelectMany(Captures));

    /// <summary>Every name that a graph's nodes and outputs read, those inside its nodes counted.</summary>
    public static HashSet<string> ReadNames(GraphProto graph) =>
        graph.Node.SelectMany(Reads).Concat(graph.Output.Select(static output => output.Name)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Names that a graph defines: of its inputs, constants and the values that its nodes compute.</summary>
    public static HashSet<string> Defined(GraphProto graph) =>
        graph.Input.Select(static input => input.Name)
            .Concat(graph.Initializer.Select(static tensor => tensor.Name))
            .Concat(graph.SparseInitializer.Select(static tensor => tensor.Values.Name))
            .Concat(graph.Node.SelectMany(static node => node.Output))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Names that a graph uses but does not define. A name may come more than once.</summary>
    public static IEnumerable<string> Captures(GraphProto graph)
    {
        var own = Defined(graph);
        return graph.Node.SelectMany(Reads)
            .Concat(graph.Output.Select(static output => output.Name))
            .Where(name => !own.Contains(name));
    }
}
