using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>
/// Takes control flow out of a model where what steers it is constant, or follows from fixed shapes: the branch taken replaces an If,
/// a Loop is written out, a sequence becomes the tensors in it. Of what depends on the data that is fed only simple choices go.
/// </summary>
internal sealed class StaticControlFlow
{
    private static readonly HashSet<string> Removable =
        ["If", "Loop", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SplitToSequence", "ConcatFromSequence"];

    private readonly ModelProto _model;
    private readonly UniqueNames _names;
    private readonly KnownValues _values;
    private readonly LoopUnrolling _loops;
    private readonly SequenceRemoval _sequences;
    private readonly HashSet<string> _scansToUnroll = new(StringComparer.Ordinal);
    private int _branches;

    private StaticControlFlow(ModelProto model, long opset, NormalizeOptions options)
    {
        _model = model;
        _names = new UniqueNames(model.Graph);
        _values = new KnownValues(model, options.Fix.Keys.ToHashSet(StringComparer.Ordinal));
        var writer = new NodeWriter(_names, opset);
        _loops = new LoopUnrolling(_values, writer, new LoopLength(_values, options.MaxNodes), options.MaxNodes);
        _sequences = new SequenceRemoval(_values, writer);
    }

    /// <summary>Works on models whose operators are all of one version and which have no functions.</summary>
    public static void Apply(ModelProto model, long opset, NormalizeOptions options, NormalizationReport report)
    {
        if (!AllNodes(model.Graph).Any(IsRemovable))
            return;
        model.Graph.ValueInfo.Clear();
        var pass = new StaticControlFlow(model, opset, options);
        DistinctNames.Apply(model.Graph, pass._names);
        pass.Specialise(model.Graph);
        foreach (string node in opset == ModelNormalizer.TargetOpset ? new BothBranches(model.Graph, pass._values, pass._names).Apply() : [])
            report.Note($"The data decides which branch of {node} counts; both are computed now, which lets gradients pass.");
        PassingOn.Resolve(model.Graph);
        UnusedNodes.Remove(model.Graph);
        pass.Tell(report);
    }

    private static IEnumerable<NodeProto> AllNodes(GraphProto graph) =>
        graph.Node.SelectMany(static node => SubGraphs.Of(node).SelectMany(AllNodes).Prepend(node));

    private static bool IsRemovable(NodeProto node) => OnnxDomains.IsStandard(node) && Removable.Contains(node.OpType);

    private void Tell(NormalizationReport report)
    {
        if (_branches > 0)
            report.Note(Count(_branches, "If node was", "If nodes were") + " replaced by the branch that is always taken.");
        if (_loops.Count > 0)
            report.Note(Count(_loops.Count, "Loop or Scan node was", "Loop or Scan nodes were") + $" written out, {_loops.Iterations} iterations in all.");
        foreach (string note in _loops.Notes)
            report.Note(note);
    }

    private static string Count(int count, string one, string many) => count == 1 ? "1 " + one : $"{count} {many}";

    /// <summary>Works until nothing changes any more: a branch may hold what another branch makes static.</summary>
    private bool Specialise(GraphProto graph)
    {
        bool any = false;
        while (AllNodes(graph).Any(IsRemovable))
        {
            _values.Learn(graph);
            bool changed = Sweep(graph) || SpecialiseInside(graph) || MarkScans(graph);
            if (!changed)
                return any;
            any = true;
        }

        return any;
    }

    private bool Sweep(GraphProto graph)
    {
        NodeProto[] nodes = [.. graph.Node];
        var swept = new List<NodeProto>(nodes.Length);
        foreach (NodeProto node in nodes)
            swept.AddRange(Replace(node, graph) ?? [node]);
        if (swept.SequenceEqual(nodes, ReferenceEqualityComparer.Instance))
            return false;
        graph.Node.Clear();
        graph.Node.AddRange(swept);
        // Branches may hand out the values of Constant nodes, which are constants like others from here on.
        ConstantNodes.Apply(graph, isInner: !ReferenceEquals(graph, _model.Graph));
        UnusedNodes.Remove(graph);
        return true;
    }

    /// <summary>What stands in the place of a node; null when the node stays.</summary>
    private IEnumerable<NodeProto>? Replace(NodeProto node, GraphProto graph)
    {
        if (!OnnxDomains.IsStandard(node))
            return null;
        switch (node.OpType)
        {
            case "If" when _values.Boolean(node.Input[0]) is { } condition:
                _branches++;
                return BranchInlining.Inline(node, condition, graph);
            case "Loop":
                return _loops.UnrollLoop(node, graph);
            case "Scan" when node.Output.Any(_scansToUnroll.Contains):
                return _loops.UnrollScan(node, graph);
            default:
                return _sequences.Replace(node, graph);
        }
    }

    private bool SpecialiseInside(GraphProto graph)
    {
        bool changed = false;
        foreach (NodeProto node in graph.Node)
        {
            BodyInputs.Declare(node, _values);
            foreach (GraphProto inner in SubGraphs.Of(node))
                changed |= Specialise(inner);
        }

        return changed;
    }

    /// <summary>A Scan is trained as it is, unless there is control flow in it that only goes when the Scan is written out.</summary>
    private bool MarkScans(GraphProto graph)
    {
        bool marked = false;
        foreach (NodeProto node in graph.Node)
        {
            if (OnnxDomains.Is(node, "Scan") && SubGraphs.Of(node).SelectMany(AllNodes).Any(IsRemovable) && _loops.CanUnrollScan(node))
                marked |= _scansToUnroll.Add(node.Output.First(static name => name.Length > 0));
        }

        return marked;
    }
}
