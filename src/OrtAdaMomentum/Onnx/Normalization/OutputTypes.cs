using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Declares the graph's outputs with the types that the runtime found.</summary>
internal static class OutputTypes
{
    public static void Apply(GraphProto graph, IReadOnlyDictionary<string, TensorType> types)
    {
        for (int index = 0; index < graph.Output.Count; index++)
        {
            string name = graph.Output[index].Name;
            if (types.TryGetValue(name, out TensorType? type))
                graph.Output[index] = TensorTypes.ToProto(name, type);
        }
    }
}
