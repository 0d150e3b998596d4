using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Fused;

/// <summary>A convolution, a tensor added to its output, and an activation.</summary>
internal static class FusedConvolution
{
    private static readonly string[] Lists = ["dilations", "kernel_shape", "pads", "strides"];

    public static readonly Composition FusedConv = new("FusedConv", static node =>
    {
        var (x, filter) = (node.Input(0), node.Input(1));
        var attributes = new List<(string, AttributeValue)> { ("group", node.Integer("group", 1)), ("auto_pad", node.Text("auto_pad", "NOTSET")) };
        foreach (string name in Lists)
        {
            if (node.Integers(name) is { } values)
                attributes.Add((name, values));
        }

        var y = node.Graph.Node(
            "Conv", [x, filter, .. node.HasInput(2) ? [node.Input(2)] : Array.Empty<SymbolicTensor>()], node.OutputType(0), [.. attributes]);
        if (node.HasInput(3))
            y += node.Input(3);
        float[] parameters = node.Numbers("activation_params") ?? [];
        return [FusedActivation.Apply(y, node.Text("activation", string.Empty), Parameter)];

        float Parameter(string name)
        {
            int place = name is "beta" or "max" ? 1 : 0;
            return place < parameters.Length ? parameters[place] : throw new FineTuningException("its attribute 'activation_params' is too short");
        }
    }, OnnxDomains.Microsoft);
}
