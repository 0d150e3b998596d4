using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.ControlFlow;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Puts trained weights into the model as it was given. Nothing else changes, but for two things without which it would not serve what was
/// trained: nodes that were exported in training mode are switched to inference, and parameters that the exporter had merged into one
/// because they began equal become two again.
/// </summary>
internal static class InferenceExport
{
    public static OnnxModel Export(TrainingArtifacts artifacts, IReadOnlyDictionary<string, float[]> weights)
    {
        var model = OnnxModel.Load(artifacts.ReadBaseModel(), source: TrainingArtifacts.BaseModelFile);
        var missing = weights.Keys.ToHashSet();
        // Weights in branches and loops train under names that are distinct in the whole model.
        if (model.Proto.Functions.Count == 0)
            DistinctNames.Apply(model.Proto.Graph, new UniqueNames(model.Proto.Graph));
        GraphProto[] graphs = [.. SubGraphs.WithInner(model.Proto.Graph)];
        foreach (var graph in graphs)
            Fill(graph, weights, missing);
        var shared = graphs.SelectMany(static graph => graph.Initializer).ToLookup(static tensor => tensor.Name);
        foreach (var graph in graphs)
        {
            Separate(graph, shared, weights, missing);
            BatchNormalizationNodes.SetMode(graph, training: false);
            DropoutNodes.Deactivate(graph);
        }

        if (missing.Count > 0)
        {
            throw new FineTuningException(
                $"These trained parameters have no place in the original model: {string.Join(", ", missing.Order())}. "
                + "They are constants inside functions of the model, which are shared between calls; train parameters outside of functions.");
        }

        return model;
    }

    private static void Fill(GraphProto graph, IReadOnlyDictionary<string, float[]> weights, HashSet<string> missing)
    {
        foreach (var tensor in graph.Initializer)
        {
            if (weights.TryGetValue(tensor.Name, out float[]? values))
            {
                Replace(tensor, values);
                missing.Remove(tensor.Name);
            }
        }

        foreach (var node in graph.Node.Where(node => node.OpType == "Constant" && missing.Contains(node.Output[0])))
        {
            if (node.Find("value")?.T is not { } tensor)
                continue;
            Replace(tensor, weights[node.Output[0]]);
            missing.Remove(node.Output[0]);
        }
    }

    private static void Separate(
        GraphProto graph, ILookup<string, TensorProto> shared, IReadOnlyDictionary<string, float[]> weights, HashSet<string> missing)
    {
        for (int index = graph.Node.Count - 1; index >= 0; index--)
        {
            var node = graph.Node[index];
            if (node.OpType != "Identity" || !missing.Contains(node.Output[0]) || shared[node.Input[0]].FirstOrDefault() is not { } source)
                continue;
            var tensor = source.Clone();
            tensor.Name = node.Output[0];
            Replace(tensor, weights[tensor.Name]);
            graph.Initializer.Add(tensor);
            graph.Node.RemoveAt(index);
            missing.Remove(tensor.Name);
        }
    }

    private static void Replace(TensorProto tensor, float[] values)
    {
        tensor.FloatData.Clear();
        tensor.RawData = TensorData.Create(tensor.Name, values, [.. tensor.Dims]).RawData;
    }
}
