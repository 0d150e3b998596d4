using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Switches the BatchNormalization nodes of a graph between stored statistics and those of the batch.</summary>
internal static class BatchNormalizationNodes
{
    private const string Mode = "training_mode";

    public static IEnumerable<NodeProto> In(GraphProto graph) =>
        graph.Node.Where(static node => node.OpType == "BatchNormalization" && node.Domain is "" or "ai.onnx");

    /// <summary>With statistics of the batch, the node also gives the next running mean and variance as its second and third output.</summary>
    public static void SetMode(GraphProto graph, bool training)
    {
        foreach (var node in In(graph))
        {
            for (int index = node.Attribute.Count - 1; index >= 0; index--)
            {
                if (node.Attribute[index].Name == Mode)
                    node.Attribute.RemoveAt(index);
            }

            while (node.Output.Count > 1)
                node.Output.RemoveAt(node.Output.Count - 1);
            if (!training)
                continue;
            node.Attribute.Add(new AttributeProto { Name = Mode, Type = AttributeProto.Types.AttributeType.Int, I = 1 });
            node.Output.Add(node.Output[0] + "/running_mean");
            node.Output.Add(node.Output[0] + "/running_variance");
        }
    }
}
