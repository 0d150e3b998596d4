using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>Puts kernels in the place of the ordinary nodes that compute the same values.</summary>
internal static class KernelSubstitution
{
    /// <summary>The model with the wanted offers taken.</summary>
    /// <param name="model">A training model.</param>
    /// <param name="wanted">Whether an offer is wanted, which must be one that can be run.</param>
    /// <returns>The model as it was when it offers nothing.</returns>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> model, Func<OfferedNode, bool> wanted)
    {
        var proto = ModelProto.Parser.ParseFrom(model.Span);
        return Apply(proto, wanted) ? proto.ToByteArray() : model;
    }

    /// <summary>Takes, in place, the wanted offers.</summary>
    /// <returns>Whether there was any.</returns>
    public static bool Apply(ModelProto model, Func<OfferedNode, bool> wanted)
    {
        if (KernelOffers.Read(model) is not { } offers)
            return false;
        var graph = model.Graph;
        var taken = Choose(graph, offers, wanted);
        if (taken.Count == 0)
            return false;
        Replace(graph, taken);
        var types = offers.ValueInfo.ToDictionary(static value => value.Name);
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet();
        graph.ValueInfo.AddRange(
            taken.SelectMany(static node => node.Output).Where(name => !outputs.Contains(name) && types.ContainsKey(name)).Select(name => types[name]));
        ActivationFusion.Apply(graph);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Kernels, Version = 1 });
        return true;
    }

    /// <summary>Those wanted, when everything that they read is there.</summary>
    private static List<NodeProto> Choose(GraphProto graph, GraphProto offers, Func<OfferedNode, bool> wanted)
    {
        var types = offers.ValueInfo.ToDictionary(static value => value.Name, static value => TensorTypes.FromProto(value.Type)!);
        var known = SubGraphs.Defined(graph);
        known.Add(string.Empty);
        var chosen = new List<NodeProto>();
        foreach (var node in offers.Node.Where(node => node.Input.All(known.Contains) && wanted(new OfferedNode(node, types))))
        {
            known.UnionWith(node.Output);
            chosen.Add(node);
        }

        KeepLast(chosen);
        return chosen;
    }

    /// <summary>
    /// Several offers may compute one value: where formulas came out equal, and where a formula has parts that are offered too. A whole is
    /// offered behind its parts.
    /// </summary>
    private static void KeepLast(List<NodeProto> chosen)
    {
        var computed = new HashSet<string>();
        for (int place = chosen.Count - 1; place >= 0; place--)
        {
            var outputs = chosen[place].Output;
            for (int index = 0; index < outputs.Count; index++)
            {
                if (!computed.Add(outputs[index]))
                    outputs[index] = string.Empty;
            }
        }

        chosen.RemoveAll(static node => node.Output.All(static name => name.Length == 0));
    }

    private static void Replace(GraphProto graph, List<NodeProto> taken)
    {
        var computed = taken.SelectMany(static node => node.Output).Where(static name => name.Length > 0).ToHashSet();
        foreach (var node in graph.Node)
        {
            for (int index = 0; index < node.Output.Count; index++)
            {
                if (computed.Contains(node.Output[index]))
                    node.Output[index] += "/ordinary";
            }
        }

        for (int index = 0; index < taken.Count; index++)
            taken[index].Name = $"kernel/{taken[index].OpType}_{index}";
        graph.Node.AddRange(taken);
        TopologicalOrder.Sort(graph.Node, "the training model");
        UnusedNodes.Remove(graph);
        LeafOrder.Apply(graph);
        BlankUnusedOutputs(graph, taken);
    }

    /// <summary>A kernel need not compute what nobody reads.</summary>
    private static void BlankUnusedOutputs(GraphProto graph, List<NodeProto> taken)
    {
        var used = SubGraphs.ReadNames(graph);
        foreach (var node in taken)
        {
            for (int index = 0; index < node.Output.Count; index++)
            {
                if (!used.Contains(node.Output[index]))
                    node.Output[index] = string.Empty;
            }
        }
    }
}
