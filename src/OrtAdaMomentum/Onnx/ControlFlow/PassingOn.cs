using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Identity nodes, which are what is left of a branch or a body that hands on what it was given.</summary>
internal static class PassingOn
{
    public static NodeProto Node(string source, string target) =>
        new() { OpType = "Identity", Name = target, Input = { source }, Output = { target } };

    /// <summary>
    /// Takes Identity nodes out: their readers read the source, or the source goes by the name of the output that the Identity makes. Those
    /// of an initializer stay: a weight by another name may be a parameter of its own.
    /// </summary>
    public static void Resolve(GraphProto graph)
    {
        var inputs = graph.Input.Select(static input => input.Name).ToHashSet(StringComparer.Ordinal);
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet(StringComparer.Ordinal);
        var constants = graph.Initializer.Select(static tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            string source = node.Input.Count == 1 ? names.GetValueOrDefault(node.Input[0], node.Input[0]) : "";
            string target = node.Output.Count == 1 ? node.Output[0] : "";
            if (!OnnxDomains.Is(node, "Identity") || constants.Contains(source))
                kept.Add(node);
            else if (!outputs.Contains(target))
                names[target] = source;
            else if (!outputs.Contains(source) && !inputs.Contains(source))
                Rename(source, target);
            else
                kept.Add(node);
        }

        graph.Node.Clear();
        graph.Node.AddRange(kept);
        ScopedNames.Same.Rename(graph.Node, names);

        void Rename(string source, string target)
        {
            foreach (string other in names.Where(pair => pair.Value == source).Select(static pair => pair.Key).ToArray())
                names[other] = target;
            names[source] = target;
        }
    }
}
