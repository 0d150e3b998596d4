using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>
/// What can be told of values whose shape a graph computes, where the runtime's inference gives up: paddle2onnx, for one, sends shapes
/// through 32-bit integers, which the inference does not follow. The length of the list is the rank, and a part of it that is a constant
/// gives axes.
/// </summary>
internal static class ComputedShapes
{
    /// <summary>Values of which more can be told than <paramref name="types"/> has, as declarations to infer the types anew with.</summary>
    public static List<ValueInfoProto> Find(GraphProto graph, IReadOnlyDictionary<string, TensorType> types)
    {
        var constants = graph.Initializer.ToDictionary(static tensor => tensor.Name, StringComparer.Ordinal);
        var producers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        var found = new List<ValueInfoProto>();
        foreach (NodeProto node in graph.Node)
        {
            if (ShapeInput(node) is { } input && types.TryGetValue(node.Output[0], out TensorType? type) && !type.IsStatic
                && Elements(input) is { } elements && Refine(type.Shape, elements) is { } better)
                found.Add(TensorTypes.ToProto(node.Output[0], type with { Shape = better }));
            foreach (string output in node.Output.Where(static name => name.Length > 0))
                producers[output] = node;
        }

        return found;

        Dimension[]? Elements(string list)
        {
            if (constants.TryGetValue(list, out TensorProto? constant))
                return [.. TensorData.ToLongs(constant).Select(static extent => extent > 0 ? Dimension.Of(extent) : Dimension.Unknown)];
            NodeProto? producer = producers.GetValueOrDefault(list);
            if (producer is not null && OnnxDomains.IsStandard(producer))
            {
                if (producer.OpType is "Cast" or "Identity")
                    return Elements(producer.Input[0]);
                if (producer.OpType == "Concat" && producer.Input.Select(Elements).ToList() is var parts && parts.TrueForAll(static part => part is not null))
                    return [.. parts.SelectMany(static part => part!)];
            }

            return types.GetValueOrDefault(list)?.StaticShape is [var length] ? [.. Enumerable.Repeat(Dimension.Unknown, (int)length)] : null;
        }
    }

    private static Dimension[]? Refine(IReadOnlyList<Dimension>? known, Dimension[] told)
    {
        if (known is null)
            return told;
        if (known.Count != told.Length || !known.Zip(told).Any(static pair => !pair.First.IsStatic && pair.Second.IsStatic))
            return null;
        return [.. known.Zip(told, static (first, second) => first.IsStatic || !second.IsStatic ? first : second)];
    }

    private static string? ShapeInput(NodeProto node) => (OnnxDomains.IsStandard(node), node.OpType) switch
    {
        (true, "Reshape") => node.Input[1],
        (true, "ConstantOfShape") => node.Input[0],
        _ => null,
    };
}
