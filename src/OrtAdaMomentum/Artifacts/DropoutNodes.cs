using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Makes the Dropout nodes of a graph pass their input on, as in inference.</summary>
internal static class DropoutNodes
{
    public static void Deactivate(GraphProto graph)
    {
        foreach (var node in graph.Node.Where(static node => OnnxDomains.Is(node, "Dropout")))
        {
            // Without its third input, training_mode, the operator is the identity.
            while (node.Input.Count > 1)
                node.Input.RemoveAt(node.Input.Count - 1);
        }
    }
}
