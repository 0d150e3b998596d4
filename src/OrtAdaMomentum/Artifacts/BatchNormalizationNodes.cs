using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Switches the BatchNormalization nodes of a graph between stored statistics and those of the batch.</summary>
internal static class BatchNormalizationNodes
{
    private const string Mode = "training_mode";

    public static IEnumerable<NodeProto> In(GraphProto graph) =>
        graph.Node.Where(static node => OnnxDomains.Is(node, "BatchNormalization"));

    /// <summary>With statistics of the batch, the node also gives the next running mean and variance as its second and third output.</summary>
    public static void SetMode(GraphProto graph, bool training)
    {
        foreach (var node in In(graph))
        {
            node.RemoveAttribute(Mode);
            while (node.Output.Count > 1)
                node.Output.RemoveAt(node.Output.Count - 1);
            if (!training)
                continue;
            node.With(Mode, 1);
            node.Output.Add(node.Output[0] + "/running_mean");
            node.Output.Add(node.Output[0] + "/running_variance");
        }
    }
}
