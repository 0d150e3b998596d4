using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>
/// Resolves other names for initializers, which PyTorch writes as Identity nodes where it found equal weights. Weights that are equal
/// because the model shares them stay one weight. Weights that are equal only because all their elements still have one
/// starting value (scales of 1, shifts of 0) were separate parameters, and become that again.
/// </summary>
internal static class InitializerAliases
{
    public static void Apply(GraphProto graph, NormalizationReport report)
    {
        var initializers = graph.Initializer.ToDictionary(static tensor => tensor.Name, StringComparer.Ordinal);
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet(StringComparer.Ordinal);
        var shared = new Dictionary<string, string>(StringComparer.Ordinal);
        var kept = new List<NodeProto>(graph.Node.Count);
        int separated = 0;

        foreach (NodeProto node in graph.Node)
        {
            string source = node.Input.Count == 1 ? shared.GetValueOrDefault(node.Input[0], node.Input[0]) : "";
            if (!OnnxDomains.Is(node, "Identity") || !initializers.TryGetValue(source, out TensorProto? tensor) || outputs.Contains(node.Output[0]))
            {
                kept.Add(node);
            }
            else if (IsUniformParameter(tensor))
            {
                TensorProto copy = tensor.Clone();
                copy.Name = node.Output[0];
                graph.Initializer.Add(copy);
                initializers.Add(copy.Name, copy);
                separated++;
            }
            else
            {
                shared.Add(node.Output[0], source);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(kept);
        Renaming.ReplaceUses(graph, shared);
        if (shared.Count > 0)
            report.Note($"{shared.Count} other names of shared weights were resolved; shared weights train as one.");
        if (separated > 0)
            report.Note($"{separated} parameters that the exporter had merged because of equal starting values train separately again.");
    }

    private static bool IsUniformParameter(TensorProto tensor)
    {
        if ((ElementType)tensor.DataType is not (ElementType.Float or ElementType.Double) || TensorData.ElementCount(tensor) < 2)
            return false;
        double[] values = TensorData.ToDoubles(tensor);
        return !values.AsSpan().ContainsAnyExcept(values[0]);
    }
}
