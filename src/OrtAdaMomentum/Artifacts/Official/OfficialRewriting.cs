using OrtAdaMomentum.Artifacts.Official.Operators;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Quantization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Brings a model of the official training API to ordinary operators of the internal opset. Where types are found, ordinary nodes stand in
/// for the training-only ones; afterwards these come back and are rewritten one by one.
/// </summary>
internal static class OfficialRewriting
{
    /// <summary>Writes a copy of the model out in ordinary operators.</summary>
    /// <param name="model">The model; parameters may be inputs or initializers.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <returns>The model, and the builder that knows the types of its values.</returns>
    /// <exception cref="FineTuningException">Operators are not known or cannot be rewritten; all are named.</exception>
    public static (ModelProto Model, GraphBuilder Graph) Apply(ModelProto model, string source)
    {
        model = model.Clone();
        RefuseUnknown(model.Graph, source);
        ConstantNodes.Apply(model.Graph);
        InitializerAliases.Apply(model.Graph, new NormalizationReport());
        var names = new UniqueNames(model.Graph);
        Recurrent.Prepare(model.Graph, names.Next);

        ValueInfoProto[] declared = [.. model.Graph.ValueInfo];
        var index = new GraphIndex(model.Graph, declared);
        var official = new List<NodeProto>();
        var standIns = new List<StandIn>();
        NodeProto[] nodes = [.. model.Graph.Node];
        model.Graph.Node.Clear();
        foreach (var node in nodes)
        {
            if (OfficialOperators.Find(node) is not { } found)
            {
                model.Graph.Node.Add(node);
                continue;
            }

            var standIn = new StandIn(node, index);
            found.StandIn(standIn);
            standIn.Finish();
            model.Graph.Node.AddRange(standIn.Nodes);
            model.Graph.Input.AddRange(standIn.Inputs);
            official.Add(node);
            standIns.Add(standIn);
        }

        model = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false }, out var report);
        PutBack(model.Graph, official);
        if (!model.OpsetImport.Any(static import => import.Domain == OnnxDomains.Microsoft))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Microsoft, Version = 1 });
        var graph = new GraphBuilder(model.Graph, report.Types);
        Rewrite(graph, declared, source);
        return (model, graph);
    }

    private static void RefuseUnknown(GraphProto graph, string source)
    {
        string[] unknown = [.. graph.Node.Where(OfficialOperators.IsUnknown).Select(NodeNames.Describe)];
        if (unknown.Length > 0)
        {
            throw new FineTuningException(
                $"{source}: these operators of the training build of ONNX Runtime cannot be written in ordinary ones: {string.Join("; ", unknown)}. "
                + "Generate the artifacts anew from the forward model with this library.");
        }
    }

    private static void PutBack(GraphProto graph, List<NodeProto> official)
    {
        var outputs = official.SelectMany(static node => node.Output).Where(static name => name.Length > 0).ToHashSet();
        NodeProto[] ordinary = [.. graph.Node.Where(node => !node.Output.Any(outputs.Contains))];
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !outputs.Contains(input.Name))];
        graph.Node.Clear();
        graph.Node.AddRange(ordinary);
        graph.Node.AddRange(official);
        graph.Input.Clear();
        graph.Input.AddRange(inputs);
        TopologicalOrder.Sort(graph.Node, "the training model");
    }

    private static void Rewrite(GraphBuilder graph, ValueInfoProto[] declared, string source)
    {
        var index = new GraphIndex(graph.Graph, declared);
        var noneQuantized = new QuantizedValues(graph, GradientRegistry.Default);
        var problems = new List<string>();
        graph.Rewrite(node =>
        {
            if (OfficialOperators.Find(node) is not { } found)
                return null;
            try
            {
                return found.Rewrite(new OfficialNode(graph, node, index, noneQuantized));
            }
            catch (FineTuningException problem)
            {
                problems.Add($"{NodeNames.Describe(node)}: {problem.Message}");
                return null;
            }
        });
        if (problems.Count > 0)
            throw new FineTuningException($"{source}: these nodes cannot be written in ordinary operators: {string.Join("; ", problems)}.");
    }
}
