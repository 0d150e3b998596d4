using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
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
        var model = OnnxModel.Load(artifacts.BaseModel, source: TrainingArtifacts.BaseModelFile);
        var missing = weights.Keys.ToHashSet();
        foreach (var tensor in model.Proto.Graph.Initializer)
        {
            if (weights.TryGetValue(tensor.Name, out float[]? values))
            {
                Replace(tensor, values);
                missing.Remove(tensor.Name);
            }
        }

        foreach (var node in model.Proto.Graph.Node.Where(node => node.OpType == "Constant" && missing.Contains(node.Output[0])))
        {
            if (node.Find("value")?.T is not { } tensor)
                continue;
            Replace(tensor, weights[node.Output[0]]);
            missing.Remove(node.Output[0]);
        }

        Separate(model.Proto.Graph, weights, missing);
        BatchNormalizationNodes.SetMode(model.Proto.Graph, training: false);
        DropoutNodes.Deactivate(model.Proto.Graph);
        if (missing.Count > 0)
        {
            throw new FineTuningException(
                $"These trained parameters have no place in the original model: {string.Join(", ", missing.Order())}. "
                + "They are constants inside functions of the model, which are shared between calls; train parameters outside of functions.");
        }

        return model;
    }

    private static void Separate(GraphProto graph, IReadOnlyDictionary<string, float[]> weights, HashSet<string> missing)
    {
        var shared = graph.Initializer.ToDictionary(static tensor => tensor.Name);
        for (int index = graph.Node.Count - 1; index >= 0; index--)
        {
            var node = graph.Node[index];
            if (node.OpType != "Identity" || !missing.Contains(node.Output[0]) || !shared.TryGetValue(node.Input[0], out var source))
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
