using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>Removes nodes that only pass their input on under another name.</summary>
internal static class PassThroughs
{
    /// <summary>
    /// Lets the readers of such a node read its input. Where the node gives a graph output its name, the node that computes the value
    /// takes that name instead. What stays: a graph input or initializer, or one value, under the name of (another) output.
    /// </summary>
    /// <returns>The name that each value now has whose name is gone or means another value.</returns>
    public static IReadOnlyDictionary<string, string> Remove(GraphProto graph)
    {
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet();
        var computed = new HashSet<string>();
        var aliases = new Dictionary<string, string>();
        var names = new Dictionary<string, string>();
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (var node in graph.Node)
        {
            if (!PassesOn(node))
            {
                kept.Add(node);
                computed.UnionWith(node.Output);
                continue;
            }

            string source = aliases.GetValueOrDefault(node.Input[0], node.Input[0]);
            if (!outputs.Contains(node.Output[0]))
                aliases.Add(node.Output[0], source);
            else if (computed.Contains(source) && !outputs.Contains(source) && names.TryAdd(source, node.Output[0]))
                aliases.Add(source, node.Output[0]);
            else
                kept.Add(node);
        }

        // An alias of a value that has since taken the name of an output goes on to that name.
        foreach (var (alias, source) in aliases.ToList())
            aliases[alias] = names.GetValueOrDefault(source, source);
        graph.Node.Clear();
        graph.Node.AddRange(kept);
        Renaming.ReplaceUses(graph, aliases);
        foreach (var node in kept)
        {
            for (int index = 0; index < node.Output.Count; index++)
                node.Output[index] = names.GetValueOrDefault(node.Output[index], node.Output[index]);
        }

        return aliases;
    }

    private static bool PassesOn(NodeProto node) =>
        OnnxDomains.Is(node, "Identity")
        || (OnnxDomains.Is(node, "Dropout") && node.Input.Count == 1 && node.Output.Skip(1).All(static name => name.Length == 0));
}
