using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Brings official graphs into the shape that this library's own have before they are rewritten.</summary>
internal static class OfficialGraph
{
    /// <summary>
    /// Takes away the nodes that write into inputs: those that accumulate gradients, which a session adds up in its own buffers, and those that
    /// set running statistics, which it carries over itself.
    /// </summary>
    public static OfficialWrites TakeWrites(GraphProto graph, OfficialSignature signature, string source)
    {
        var gradients = new Dictionary<string, string>();
        var states = new List<StateInfo>();
        NodeProto[] accumulators = [.. graph.Node.Where(static node => node.OpType is "InPlaceAccumulatorV2" or "InPlaceAccumulator")];
        foreach (var node in accumulators)
        {
            string into = node.Input[0];
            if (OfficialGraphNames.ParameterOfBuffer(into) is { } parameter)
                gradients[parameter] = node.Input[1];
            else if (signature.Parameters.FirstOrDefault(item => item.Tensor.Name == into && !item.Trains).Tensor is { } state && Overwrites(node, graph))
                states.Add(new StateInfo(into, node.Input[1], state.Shape));
            else
                throw new FineTuningException($"{source}: {NodeNames.Describe(node)} adds to '{into}', which is neither the buffer of a gradient nor set as a whole.");
            graph.Node.Remove(node);
        }

        var gone = accumulators.SelectMany(static node => node.Output).ToHashSet();
        var reader = graph.Node.FirstOrDefault(node => SubGraphs.Reads(node).Any(name => name.Length > 0 && gone.Contains(name)));
        if (reader is not null)
            throw new FineTuningException($"{source}: {NodeNames.Describe(reader)} reads an accumulated gradient; sessions add gradients up outside of the graph.");
        string[] order = [.. signature.Parameters.Select(static parameter => parameter.Tensor.Name)];
        return new OfficialWrites(gradients, [.. states.OrderBy(state => Array.IndexOf(order, state.Name))]);
    }

    private static bool Overwrites(NodeProto node, GraphProto graph) =>
        node.Input.Count > 2 && graph.Initializer.FirstOrDefault(tensor => tensor.Name == node.Input[2]) is { DataType: (int)ElementType.Bool } flag
        && TensorData.ToBools(flag) is [true];

    /// <summary>Makes inputs of the user's values, of what trains and of running statistics, and initializers of the other parameters.</summary>
    public static void Bind(GraphProto graph, OfficialSignature signature, IReadOnlyList<StateInfo> states)
    {
        graph.Input.Clear();
        graph.Input.AddRange(signature.User);
        foreach (var (tensor, trains) in signature.Parameters)
        {
            if (trains || states.Any(state => state.Name == tensor.Name))
                graph.Input.Add(TensorTypes.ToProto(tensor.Name, TensorType.Of(tensor.ElementType, [.. tensor.Shape])));
            else
                graph.Initializer.Add(ToInitializer(tensor));
        }
    }

    /// <summary>Makes 64-bit integers of class indices, which data for this library always holds.</summary>
    public static void WidenTarget(GraphProto graph, string target)
    {
        var input = graph.Input.FirstOrDefault(input => input.Name == target);
        if (input is null || TensorTypes.FromProto(input.Type) is not { ElementType: ElementType.Int32 } type)
            return;
        string narrow = new UniqueNames(graph).Next(target + "/int32");
        Renaming.ReplaceUses(graph, new Dictionary<string, string> { [target] = narrow });
        graph.Node.Insert(0, new NodeProto { OpType = "Cast", Name = narrow, Input = { target }, Output = { narrow } }.With("to", (long)ElementType.Int32));
        graph.Input[graph.Input.IndexOf(input)] = TensorTypes.ToProto(target, type with { ElementType = ElementType.Int64 });
    }

    /// <summary>Keeps those outputs, and what they need.</summary>
    public static void Keep(GraphProto graph, IEnumerable<string> outputs)
    {
        var declared = graph.Output.ToDictionary(static output => output.Name);
        graph.Output.Clear();
        graph.Output.AddRange(outputs.Distinct().Select(name => declared.GetValueOrDefault(name) ?? new ValueInfoProto { Name = name }));
        UnusedNodes.Remove(graph);
    }

    public static TensorProto ToInitializer(OfficialTensor tensor)
    {
        var proto = new TensorProto { Name = tensor.Name, DataType = (int)tensor.ElementType };
        proto.Dims.AddRange(tensor.Shape);
        if (tensor.Strings is { } texts)
            proto.StringData.AddRange(texts.Select(ByteString.CopyFromUtf8));
        else
            proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Data);
        return proto;
    }
}
