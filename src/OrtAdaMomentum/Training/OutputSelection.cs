using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>Cuts a model down to some of its outputs.</summary>
internal static class OutputSelection
{
    public static void Apply(OnnxModel model, IReadOnlyCollection<string> names)
    {
        var graph = model.Proto.Graph;
        var outputs = graph.Output.ToDictionary(static output => output.Name);
        if (names.Count == 0)
            throw new FineTuningException($"{model.Source}: name at least one output to export: {string.Join(", ", outputs.Keys)}.");
        var chosen = new List<ValueInfoProto>();
        foreach (string name in names)
        {
            if (!outputs.TryGetValue(name, out var output))
                throw new FineTuningException($"{model.Source}: the model has no output '{name}'. Outputs: {string.Join(", ", outputs.Keys)}.");
            if (chosen.Contains(output))
                throw new FineTuningException($"{model.Source}: the output '{name}' is named twice.");
            chosen.Add(output);
        }

        graph.Output.Clear();
        graph.Output.AddRange(chosen);
        UnusedNodes.Remove(graph);
        RemoveUnreadInputs(graph);
    }

    private static void RemoveUnreadInputs(GraphProto graph)
    {
        var read = graph.Output.Select(static output => output.Name).Concat(graph.Node.SelectMany(SubGraphs.Reads)).ToHashSet();
        for (int index = graph.Input.Count - 1; index >= 0; index--)
        {
            if (!read.Contains(graph.Input[index].Name))
                graph.Input.RemoveAt(index);
        }
    }
}
