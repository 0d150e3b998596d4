using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Removes what no graph output depends on.</summary>
internal static class UnusedNodes
{
    /// <summary>
    /// Removes unused nodes and initializers, in the graphs inside nodes too. Graph inputs stay: they are the caller's contract.
    /// </summary>
    public static void Remove(GraphProto graph)
    {
        var used = new HashSet<string>(graph.Output.Select(static output => output.Name));
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (var node in graph.Node.Reverse())
        {
            if (!node.Output.Any(used.Contains))
                continue;
            foreach (var inner in SubGraphs.Of(node))
                Remove(inner);
            used.UnionWith(SubGraphs.Reads(node));
            kept.Add(node);
        }

        kept.Reverse();
        graph.Node.Clear();
        graph.Node.AddRange(kept);

        var initializers = graph.Initializer.Where(initializer => used.Contains(initializer.Name)).ToList();
        graph.Initializer.Clear();
        graph.Initializer.AddRange(initializers);
    }
}
