using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Puts the nodes of one branch of an If in its place.</summary>
internal static class BranchInlining
{
    /// <summary>The branch's nodes; its initializers go to <paramref name="graph"/>. The names of all graphs are distinct.</summary>
    public static IEnumerable<NodeProto> Inline(NodeProto node, bool condition, GraphProto graph)
    {
        GraphProto branch = node.Find(condition ? "then_branch" : "else_branch")?.G
            ?? throw new OnnxModelException($"{NodeNames.Describe(node)} lacks one of its branches.");
        graph.Initializer.AddRange(branch.Initializer);
        graph.SparseInitializer.AddRange(branch.SparseInitializer);

        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        var produced = branch.Node.SelectMany(static inner => inner.Output).ToHashSet(StringComparer.Ordinal);
        var handedOn = new List<NodeProto>();
        for (int index = 0; index < node.Output.Count; index++)
        {
            string inside = branch.Output[index].Name, outside = node.Output[index];
            if (outside.Length == 0)
                continue;
            if (!produced.Contains(inside) || !results.TryAdd(inside, outside))
                handedOn.Add(PassingOn.Node(results.GetValueOrDefault(inside, inside), outside));
        }

        ScopedNames.Same.Rename(branch.Node, results);
        return branch.Node.Concat(handedOn);
    }
}
