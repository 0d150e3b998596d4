using OrtAdaMomentum.Kernels.Normalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Lets the kernels of a batch normalisation compute the Relu or Clip behind it too. What goes from one to the other is then neither written
/// nor kept for the backward pass, which computes it again.
/// </summary>
internal static class ActivationFusion
{
    private sealed record Match(NodeProto Forward, NodeProto Activation, NodeProto Mask, NodeProto Backward);

    /// <summary>Changes a training graph in which kernels have taken their places.</summary>
    public static void Apply(GraphProto graph)
    {
        var readers = graph.Node.SelectMany(static node => SubGraphs.Reads(node).Distinct().Select(name => (name, node)))
            .ToLookup(static entry => entry.name, static entry => entry.node);
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet();
        foreach (var forward in graph.Node.Where(static node => IsKernel(node, "BatchNormalizationForward")).ToList())
        {
            if (Find(forward, readers, outputs) is { } match)
                Join(graph, match);
        }
    }

    /// <summary>The nodes that belong together, when nothing else reads what is between them.</summary>
    private static Match? Find(NodeProto forward, ILookup<string, NodeProto> readers, HashSet<string> outputs)
    {
        string normalised = forward.Output[0];
        NodeProto[] behind = [.. readers[normalised]];
        if (normalised.Length == 0 || outputs.Contains(normalised))
            return null;
        var activation = behind.FirstOrDefault(
            node => node.Domain.Length == 0 && node.OpType is "Relu" or "Clip" && node.Input[0] == normalised);
        if (activation is null)
            return null;

        bool clips = activation.OpType == "Clip";
        var masks = clips ? behind.Where(static node => IsKernel(node, "ClipBackward"))
            : readers[activation.Output[0]].Where(static node => IsKernel(node, "ReluBackward"));
        foreach (var mask in masks)
        {
            string passed = mask.Output[0];
            if (behind.Length == (clips ? 2 : 1) && !outputs.Contains(passed) && readers[passed].ToArray() is [var backward]
                && mask.Input[1] == (clips ? normalised : activation.Output[0]) && IsBackward(backward, forward, passed))
            {
                return new Match(forward, activation, mask, backward);
            }
        }

        return null;
    }

    private static bool IsBackward(NodeProto node, NodeProto forward, string gradient) =>
        IsKernel(node, "BatchNormalizationBackward") && node.IntOr("frozen", 0) == 0 && node.Input.Count(name => name == gradient) == 1
        && node.Input[1] == gradient && node.Input[0] == forward.Input[0] && node.Input[2] == forward.Input[1]
        && node.Input[3] == forward.Output[3] && node.Input[4] == forward.Output[4];

    private static void Join(GraphProto graph, Match match)
    {
        var (forward, activation, mask, backward) = match;
        string normalised = forward.Output[0], activated = activation.Output[0];
        forward.Output[0] = activated;
        backward.Input[1] = mask.Input[0];
        backward.Input.Add(forward.Input[2]);
        foreach (var node in new[] { forward, backward })
        {
            node.With("activation", activation.OpType == "Clip" ? FollowingActivation.Clip : FollowingActivation.Relu);
            node.Attribute.AddRange(mask.Attribute.Select(static attribute => attribute.Clone()));
        }

        graph.Node.Remove(activation);
        graph.Node.Remove(mask);
        if (graph.ValueInfo.FirstOrDefault(value => value.Name == normalised) is { } type)
        {
            graph.ValueInfo.Remove(type);
            if (graph.ValueInfo.Concat(graph.Output).All(value => value.Name != activated))
                graph.ValueInfo.Add(new ValueInfoProto { Name = activated, Type = type.Type });
        }
    }

    private static bool IsKernel(NodeProto node, string name) => node.Domain == OnnxDomains.Kernels && node.OpType == name;
}
