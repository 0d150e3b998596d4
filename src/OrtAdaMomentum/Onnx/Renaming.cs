using Google.Protobuf.Collections;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Changes which value the readers of a value read.</summary>
internal static class Renaming
{
    /// <summary>Rewires every reader in a graph and the graphs inside it; the graph's own outputs keep their names.</summary>
    public static void ReplaceUses(GraphProto graph, IReadOnlyDictionary<string, string> replacements)
    {
        if (replacements.Count > 0)
            ReplaceInNodes(graph.Node, replacements);
    }

    /// <summary>Rewires one node and the graphs inside it.</summary>
    public static void ReplaceUses(NodeProto node, IReadOnlyDictionary<string, string> replacements)
    {
        for (int index = 0; index < node.Input.Count; index++)
            node.Input[index] = replacements.GetValueOrDefault(node.Input[index], node.Input[index]);
        foreach (GraphProto inner in SubGraphs.Of(node))
            ReplaceInside(inner, replacements);
    }

    /// <summary>Gives values other names, where one node and the graphs inside it read them and where it computes them.</summary>
    public static void Rename(NodeProto node, IReadOnlyDictionary<string, string> names)
    {
        ReplaceUses(node, names);
        for (int index = 0; index < node.Output.Count; index++)
            node.Output[index] = names.GetValueOrDefault(node.Output[index], node.Output[index]);
    }

    private static void ReplaceInNodes(RepeatedField<NodeProto> nodes, IReadOnlyDictionary<string, string> replacements)
    {
        foreach (NodeProto node in nodes)
            ReplaceUses(node, replacements);
    }

    private static void ReplaceInside(GraphProto graph, IReadOnlyDictionary<string, string> replacements)
    {
        // A name that the inner graph defines itself means something else there.
        var own = graph.Input.Select(static input => input.Name)
            .Concat(graph.Initializer.Select(static tensor => tensor.Name))
            .Concat(graph.Node.SelectMany(static node => node.Output))
            .ToHashSet(StringComparer.Ordinal);
        Dictionary<string, string> visible = replacements
            .Where(pair => !own.Contains(pair.Key))
            .ToDictionary(StringComparer.Ordinal);
        if (visible.Count > 0)
            ReplaceInNodes(graph.Node, visible);
    }
}
