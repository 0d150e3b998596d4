using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Replaces calls of functions that the model defines by the functions' nodes, until none is left.</summary>
internal sealed class FunctionInlining
{
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly HashSet<FunctionProto> _open = new(ReferenceEqualityComparer.Instance);
    private readonly UniqueNames _names;
    private readonly NodeOpsets _opsets;
    private readonly int _maxNodes;
    private int _nodes;

    private FunctionInlining(ModelProto model, NodeOpsets opsets, int maxNodes)
    {
        foreach (FunctionProto function in model.Functions)
            _functions[(OnnxDomains.Canonical(function.Domain), function.Name, function.Overload)] = function;
        _names = new UniqueNames(model.Graph);
        _opsets = opsets;
        _maxNodes = maxNodes;
    }

    public static NodeOpsets Apply(ModelProto model, int maxNodes, NormalizationReport report)
    {
        long opset = OnnxDomains.Imports(model.OpsetImport).GetValueOrDefault(OnnxDomains.Standard, ModelNormalizer.TargetOpset);
        if (model.Functions.Count == 0)
            return new NodeOpsets(opset, null);

        bool mixed = model.Functions.Any(function => OpsetOf(function, opset) != opset);
        var opsets = new NodeOpsets(opset, mixed ? TypesIn(model) : null);
        var inlining = new FunctionInlining(model, opsets, maxNodes);
        inlining.Expand(model.Graph, opset);
        ImportDomainsOfFunctions(model);
        report.Note($"{model.Functions.Count} functions were inlined.");
        model.Functions.Clear();
        return opsets;
    }

    private static IReadOnlyDictionary<string, TensorType> TypesIn(ModelProto model)
    {
        try
        {
            return RuntimeTypes.Infer(model);
        }
        catch (OnnxModelException)
        {
            // The runtime reads functions in the model's version and refuses those that only another one allows.
            return new Dictionary<string, TensorType>();
        }
    }

    private static long OpsetOf(FunctionProto function, long ofModel) =>
        OnnxDomains.Imports(function.OpsetImport).GetValueOrDefault(OnnxDomains.Standard, ofModel);

    private static void ImportDomainsOfFunctions(ModelProto model)
    {
        HashSet<string> imported = [.. OnnxDomains.Imports(model.OpsetImport).Keys];
        foreach (OperatorSetIdProto import in model.Functions.SelectMany(static function => function.OpsetImport))
        {
            if (imported.Add(OnnxDomains.Canonical(import.Domain)))
                model.OpsetImport.Add(import.Clone());
        }
    }

    private void Expand(GraphProto graph, long opset)
    {
        var expanded = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
            Expand(node, opset, expanded);
        graph.Node.Clear();
        graph.Node.AddRange(expanded);
    }

    private void Expand(NodeProto node, long opset, List<NodeProto> target)
    {
        if (!_functions.TryGetValue((OnnxDomains.Canonical(node.Domain), node.OpType, node.Overload), out FunctionProto? function))
        {
            if (++_nodes > _maxNodes)
                throw new OnnxModelException($"The model has more than {_maxNodes} nodes once its functions are inlined.");
            foreach (GraphProto inner in SubGraphs.Of(node))
                Expand(inner, opset);
            _opsets.Set(node, opset);
            target.Add(node);
            return;
        }

        if (!_open.Add(function))
            throw new OnnxModelException($"Function '{function.Name}' calls itself.");
        var call = new FunctionCall(node, function, _names);
        foreach (NodeProto copy in call.Nodes())
            Expand(copy, OpsetOf(function, opset), target);
        _open.Remove(function);
    }
}
