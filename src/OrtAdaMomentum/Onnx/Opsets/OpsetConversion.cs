using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Brings every standard operator of a model to the version that gradients are written for.</summary>
internal sealed class OpsetConversion
{
    /// <summary>The first version in which all operators broadcast and count as they do today; before it some did.</summary>
    public const int FirstOfToday = 7;

    /// <summary>The newest version whose changes are known here, which is also the newest that the runtime takes.</summary>
    public const int NewestOpset = 26;

    private readonly NodeOpsets _opsets;
    // Asked for late: most operators convert without, and the runtime has kernels of some for the internal version only.
    private readonly Lazy<IReadOnlyDictionary<string, TensorType>> _types;
    private readonly UniqueNames _names;
    private readonly HashSet<string> _read;
    private readonly List<string> _failures = [];

    private OpsetConversion(ModelProto model, NodeOpsets opsets)
    {
        _opsets = opsets;
        ModelProto unconverted = Snapshot(model);
        _types = new Lazy<IReadOnlyDictionary<string, TensorType>>(() => opsets.KnownTypes ?? RuntimeTypes.Infer(unconverted));
        _names = new UniqueNames(model.Graph);
        _read = model.Graph.Node.SelectMany(SubGraphs.Reads)
            .Concat(model.Graph.Output.Select(static output => output.Name))
            .ToHashSet(StringComparer.Ordinal);
    }

    public static void Apply(ModelProto model, NodeOpsets opsets, NormalizationReport report)
    {
        RefuseUnknownDomains(model);
        bool needsConversion = opsets.OfModel != ModelNormalizer.TargetOpset || opsets.KnownTypes is not null;
        if (needsConversion)
        {
            RefuseVersion(opsets.OfModel);
            var conversion = new OpsetConversion(model, opsets);
            report.Steering.UnionWith(model.Graph.Node.SelectMany(OperatorTable.SteeringInputs));
            conversion.Convert(model.Graph, isMain: true);
            conversion.ThrowFailures();
            report.Note($"The operators were brought from version {opsets.OfModel} to {ModelNormalizer.TargetOpset}.");
        }

        SetVersions(model);
    }

    private static void RefuseVersion(long opset)
    {
        if (opset is < 1 or > NewestOpset)
        {
            throw new OnnxModelException(
                $"The model uses version {opset} of the standard operators; versions 1 to {NewestOpset} can be converted. Export it again with another opset.");
        }
    }

    private static void RefuseUnknownDomains(ModelProto model)
    {
        if (model.Graph.Node.FirstOrDefault(static node => OnnxDomains.IsOfOptimizedFile(node)) is { } optimized)
        {
            throw new OnnxModelException(
                $"{NodeNames.Describe(optimized)} of domain {optimized.Domain} lays tensors out for one kind of processor: the model was saved by the "
                + "runtime's optimiser at its highest level. Take the model from before, or save it at the extended level.");
        }

        string[] unknown = [.. model.Graph.Node
            .Where(static node => !OnnxDomains.IsStandard(node) && node.Domain != OnnxDomains.Microsoft)
            .Select(static node => $"{NodeNames.Describe(node)}")];
        if (unknown.Length > 0)
            throw new OnnxModelException($"Operators of other makers cannot be trained: {string.Join("; ", unknown)}.");
    }

    private static void SetVersions(ModelProto model)
    {
        OperatorSetIdProto[] others = [.. model.OpsetImport.Where(static import => OnnxDomains.Canonical(import.Domain).Length > 0)];
        model.OpsetImport.Clear();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = ModelNormalizer.TargetOpset });
        model.OpsetImport.AddRange(others.Where(static import => import.Domain == OnnxDomains.Microsoft));
        model.IrVersion = ModelNormalizer.TargetIrVersion;
    }

    /// <summary>The model as it is now, sharing all but the nodes, which are converted in place.</summary>
    private static ModelProto Snapshot(ModelProto model)
    {
        var graph = new GraphProto { Name = model.Graph.Name };
        graph.Node.AddRange(model.Graph.Node.Select(static node => node.Clone()));
        graph.Initializer.AddRange(model.Graph.Initializer);
        graph.SparseInitializer.AddRange(model.Graph.SparseInitializer);
        graph.Input.AddRange(model.Graph.Input);
        graph.Output.AddRange(model.Graph.Output);
        graph.ValueInfo.AddRange(model.Graph.ValueInfo);
        var copy = new ModelProto { IrVersion = model.IrVersion, Graph = graph };
        copy.OpsetImport.AddRange(model.OpsetImport);
        copy.Functions.AddRange(model.Functions);
        return copy;
    }

    private void Convert(GraphProto graph, bool isMain)
    {
        var constants = graph.Initializer.ToDictionary(static tensor => tensor.Name, StringComparer.Ordinal);
        // Inside sub-graphs neither types nor readers are tracked: nothing is known of a type, and every output counts as read.
        TensorType? TypeOf(string name) => isMain ? _types.Value.GetValueOrDefault(name) : null;
        bool IsRead(string name) => !isMain || _read.Contains(name);

        var converted = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            foreach (GraphProto inner in SubGraphs.Of(node))
                Convert(inner, isMain: false);
            if (!OnnxDomains.IsStandard(node))
            {
                converted.Add(node);
                continue;
            }

            var conversion = new NodeConversion(node, _opsets.Of(node), graph, _names, TypeOf, constants.GetValueOrDefault, IsRead);
            Convert(conversion);
            converted.AddRange(conversion.Result);
        }

        graph.Node.Clear();
        graph.Node.AddRange(converted);
    }

    private void Convert(NodeConversion conversion)
    {
        NodeProto node = conversion.Node;
        string description = NodeNames.Describe(node), opType = node.OpType;
        if (!OperatorTable.IsKnown(opType))
        {
            Fail("the operator is not known in this version");
            return;
        }

        if (conversion.Opset < OperatorTable.OldestUsable(opType))
        {
            Fail($"its meaning changed in version {OperatorTable.OldestUsable(opType)}");
            return;
        }

        foreach (OperatorTable.Change change in OperatorTable.Between(opType, conversion.Opset, ModelNormalizer.TargetOpset))
        {
            change.Convert(conversion);
            // A renamed operator goes on under its new name, which has no change between the two.
            if (conversion.Failure is { } reason)
                Fail(reason);
            if (conversion.IsFinished || conversion.Failure is not null)
                return;
        }

        void Fail(string reason) => _failures.Add($"{description}, version {conversion.Opset}: {reason}");
    }

    private void ThrowFailures()
    {
        if (_failures.Count == 0)
            return;
        throw new OnnxModelException(
            $"These operators cannot be brought to version {ModelNormalizer.TargetOpset}: {string.Join("; ", _failures)}. " +
            $"Export the model with opset {ModelNormalizer.TargetOpset}, or without these operators.");
    }
}
