using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>
/// Computes both branches of an If that the data decides and picks from the results, so that gradients pass and every sample of a batch
/// can go its own way. Only where the pick is all that differs: the results have the same shape, and a branch runs as well unchosen.
/// </summary>
internal sealed class BothBranches(GraphProto graph, KnownValues values, UniqueNames names)
{
    /// <summary>Operators that fail when an index, which is their second input, is out of range.</summary>
    private static readonly HashSet<string> Indexing = ["Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND"];

    private readonly Dictionary<string, NodeProto> _producers = graph.Node
        .SelectMany(static node => node.Output.Select(output => (output, node)))
        .Where(static pair => pair.output.Length > 0)
        .ToDictionary(static pair => pair.output, static pair => pair.node, StringComparer.Ordinal);

    /// <summary>Replaces what can be replaced and gives the descriptions of those nodes.</summary>
    public IReadOnlyList<string> Apply()
    {
        var replaced = new List<string>();
        foreach (NodeProto node in graph.Node.Where(static node => OnnxDomains.Is(node, "If")).ToArray())
        {
            GraphProto[] branches = [.. SubGraphs.Of(node)];
            if (branches.Length != 2 || !IsDecidedByData(node.Input[0]) || !branches.All(RunsUnchosen) || !CanPick(node))
                continue;
            Replace(node, branches);
            replaced.Add(NodeNames.Describe(node));
        }

        return replaced;
    }

    private static GraphProto Branch(NodeProto node, string name) => node.Find(name)!.G;

    /// <summary>An integer input is a setting, and a shape can be fixed: of such a choice only one branch is meant.</summary>
    private bool IsDecidedByData(string condition)
    {
        var inputs = graph.Input.Select(static input => input.Name).ToHashSet(StringComparer.Ordinal);
        var waiting = new Queue<string>([condition]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool readsData = false;
        while (waiting.TryDequeue(out string? name))
        {
            if (!seen.Add(name))
                continue;
            readsData |= inputs.Contains(name) && values.Type(name)?.ElementType.IsFloatingPoint() == true;
            if (!_producers.TryGetValue(name, out NodeProto? producer))
                continue;
            if (producer.OpType is "Shape" or "Size")
                return false;
            foreach (string read in SubGraphs.Reads(producer))
                waiting.Enqueue(read);
        }

        return readsData;
    }

    private bool RunsUnchosen(GraphProto branch)
    {
        values.Learn(branch);
        return branch.Node.All(node =>
            !SubGraphs.Of(node).Any()
            && !ConstantPlan.IsRandom(node)
            && !(Indexing.Contains(node.OpType) && values.Value(node.Input[1]) is null)
            && node.Output.All(output => output.Length == 0 || IsWellKnown(output, node)));
    }

    private bool IsWellKnown(string output, NodeProto node) =>
        values.Type(output) is { Shape: { } shape } type
        && shape.All(static dimension => dimension.IsStatic || dimension.Symbol is not null)
        // Integers divided by zero end the process.
        && (node.OpType is not ("Div" or "Mod") || type.ElementType.IsFloatingPoint());

    private bool CanPick(NodeProto node)
    {
        if (values.Type(node.Input[0]) is not { ElementCount: 1 } condition)
            return false;
        return Branch(node, "then_branch").Output.Zip(Branch(node, "else_branch").Output).All(pair =>
            values.Type(pair.First.Name) is { Shape: { } left } then
            && values.Type(pair.Second.Name) is { Shape: { } right } other
            && then.ElementType == other.ElementType
            && left.Count == right.Count
            && left.Count >= condition.Rank
            && left.Zip(right).All(static axis => axis.First.CertainlyEquals(axis.Second)));
    }

    private void Replace(NodeProto node, GraphProto[] branches)
    {
        int place = graph.Node.IndexOf(node);
        graph.Node.RemoveAt(place);
        foreach (GraphProto branch in branches)
        {
            graph.Initializer.AddRange(branch.Initializer);
            graph.SparseInitializer.AddRange(branch.SparseInitializer);
            foreach (NodeProto inner in branch.Node)
                graph.Node.Insert(place++, inner);
        }

        for (int index = 0; index < node.Output.Count; index++)
        {
            string then = Branch(node, "then_branch").Output[index].Name, other = Branch(node, "else_branch").Output[index].Name;
            if (node.Output[index].Length > 0)
            {
                graph.Node.Insert(place++, new NodeProto
                {
                    OpType = "Where", Name = names.Next(node.Output[index] + "/Where"), Input = { node.Input[0], then, other }, Output = { node.Output[index] },
                });
            }
        }
    }
}
