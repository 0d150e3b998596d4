using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>Puts trained weights into the model as it was given and changes nothing else.</summary>
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
            if (node.Attribute.FirstOrDefault(static attribute => attribute.Name == "value")?.T is not { } tensor)
                continue;
            Replace(tensor, weights[node.Output[0]]);
            missing.Remove(node.Output[0]);
        }

        if (missing.Count > 0)
        {
            throw new FineTuningException(
                $"These trained parameters have no place in the original model: {string.Join(", ", missing.Order())}. "
                + "They are constants inside functions of the model, which are shared between calls; train parameters outside of functions.");
        }

        return model;
    }

    private static void Replace(TensorProto tensor, float[] values)
    {
        tensor.FloatData.Clear();
        tensor.RawData = TensorData.Create(tensor.Name, values, [.. tensor.Dims]).RawData;
    }
}
