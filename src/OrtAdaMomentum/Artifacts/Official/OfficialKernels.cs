using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The gradient operators of the official runtime that have a kernel for the processor and compute what they should.</summary>
/// <remarks>
/// Left out although there is a kernel: MaxPoolGrad, which asks for a fixed shape where the batch is free; AveragePoolGrad, which ignores padding by
/// rule, dilations and more; the recurrent ones, which take other forward operators; those of losses, because losses here have their own gradients.
/// </remarks>
internal static class OfficialKernels
{
    private static readonly OfficialKernel[] All =
    [
        FromOutput("Relu"),
        FromOutput("Sigmoid"),
        FromOutput("Tanh"),
        FromOutput("LeakyRelu") with { Attributes = ["alpha"] },
        FromOutput("Softmax") with { OperatorType = static _ => "SoftmaxGrad_13", Attributes = ["axis"] },
        FromOutput("LogSoftmax") with { OperatorType = static _ => "LogSoftmaxGrad_13", Attributes = ["axis"] },
        FromInput("Gelu") with { OperatorType = static node => node.Text("approximate", "none") == "tanh" ? "FastGeluGrad" : "GeluGrad" },
        FromInput("QuickGelu") with { ForwardDomain = OnnxDomains.Microsoft, Attributes = ["alpha"] },
        new("Conv", static node => [node.Gradient, node.Input(0), node.Input(1)])
        {
            Attributes = ["dilations", "group", "kernel_shape", "pads", "strides"],
            // It leaves the padding out that a rule decides.
            Applies = static node => node.Text("auto_pad", "NOTSET") == "NOTSET",
            Outputs = 3,
        },
        new("Gather", static node => [node.Input(0).ShapeOf(), node.Input(1), node.Gradient]) { Attributes = ["axis"] },
        new("LayerNormalization", static node => [node.Gradient, node.Input(0), node.Input(1), Statistic(node, 1), Statistic(node, 2)])
        {
            Attributes = ["axis"],
            Applies = static node => node.HasInput(2) && IsScaledInFull(node, 1) && IsScaledInFull(node, 2),
            Outputs = 3,
            OutputsAreOptional = false,
        },
    ];

    /// <summary>Rules that use the official operators, and those of the registry for all else.</summary>
    public static GradientRegistry Over(GradientRegistry registry)
    {
        foreach (var kernel in All)
        {
            if (registry.Find(kernel.Forward, kernel.ForwardDomain) is { } ordinary)
                registry = registry.With(kernel.Over(ordinary));
        }

        return registry;
    }

    private static OfficialKernel FromOutput(string forward) => new(forward, static node => [node.Gradient, node.Output()]);

    private static OfficialKernel FromInput(string forward) => new(forward, static node => [node.Gradient, node.Input(0)]);

    private static int Axis(GradientContext node) => node.Integer("axis", -1) is var axis && axis < 0 ? (int)axis + node.Input(0).Rank : (int)axis;

    private static SymbolicTensor Statistic(GradientContext node, int output)
    {
        int axis = Axis(node);
        return node.RequireOutput(output, new TensorType(
            ElementType.Float, [.. node.Input(0).Shape.Select((extent, place) => place >= axis ? Dimension.Of(1) : extent)]));
    }

    private static bool IsScaledInFull(GradientContext node, int input) =>
        node.Input(0).Type.Shape is { } shape && node.Input(input).Type.Shape is { } factors && factors.SequenceEqual(shape.Skip(Axis(node)));
}
