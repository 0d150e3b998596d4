using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Writes out the scale and the bias of layer normalisations that are broadcast, as they are where a group normalisation is written with one: the official
/// runtime wants them in the shape that is normalised.
/// </summary>
internal static class FullLayerScales
{
    /// <summary>Puts a node that expands in front of every scale and bias that may have to be broadcast.</summary>
    /// <param name="graph">The graph, of which parameters are inputs or initializers.</param>
    public static void WriteOut(GraphProto graph)
    {
        var shapes = graph.Initializer.ToDictionary(static tensor => tensor.Name, static tensor => tensor.Dims.ToArray());
        foreach (var input in graph.Input)
        {
            if (TensorTypes.FromProto(input.Type)?.Shape is { } shape && shape.All(static extent => extent.IsStatic))
                shapes[input.Name] = [.. shape.Select(static extent => extent.Extent)];
        }

        UniqueNames? names = null;
        for (int place = 0; place < graph.Node.Count; place++)
        {
            var node = graph.Node[place];
            if (!OnnxDomains.Is(node, "LayerNormalization"))
                continue;
            long axis = node.IntOr("axis", -1);
            string? normalised = null;
            for (int index = 1; index < node.Input.Count; index++)
            {
                if (node.Input[index].Length == 0 || (shapes.TryGetValue(node.Input[index], out long[]? shape) && IsFull(shape, axis)))
                    continue;
                names ??= new UniqueNames(graph);
                if (normalised is null)
                {
                    normalised = names.Next(node.Name + "/normalised");
                    graph.Node.Insert(place++, new NodeProto { OpType = "Shape", Name = normalised, Input = { node.Input[0] }, Output = { normalised } }.With("start", axis));
                }

                string full = names.Next(node.Input[index] + "/full");
                graph.Node.Insert(place++, new NodeProto { OpType = "Expand", Name = full, Input = { node.Input[index], normalised }, Output = { full } });
                node.Input[index] = full;
            }
        }
    }

    /// <summary>Whether nothing of it can be broadcast. How many axes are normalised is told only by an axis that is counted from the end.</summary>
    private static bool IsFull(long[] shape, long axis) => (axis >= 0 || shape.Length == -axis) && !shape.Contains(1);
}
