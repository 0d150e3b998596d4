using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>Operators that slide a window over their input. Those of pooling get neither the input nor its shape.</summary>
internal static class WindowKernels
{
    public static readonly OfficialKernel[] All =
    [
        new("Conv", static node => [node.Gradient, node.Input(0), node.Input(1)])
        {
            Attributes = ["dilations", "group", "kernel_shape", "pads", "strides"],
            // It leaves the padding out that a rule decides. Groups that do not slide over two axes have it write beyond its memory.
            Applies = static node => !PadsByRule(node) && (node.Input(0).Rank == 4 || node.Integer("group", 1) == 1),
            Outputs = [0, 1, 2],
        },
        new("MaxPool", static node => [node.Gradient, node.RequireOutput(1, new TensorType(ElementType.Int64, node.Output().Type.Shape))])
        {
            Domain = OnnxDomains.Standard,
            ReadsDeclaredShape = true,
            // It takes places numbered by columns for places numbered by rows.
            Applies = static node => node.Integer("storage_order", 0) == 0,
        },
        new("AveragePool", static node => [node.Gradient])
        {
            Domain = OnnxDomains.Standard,
            Attributes = ["auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"],
            ReadsDeclaredShape = true,
            Applies = AveragesAsDefined,
        },
    ];

    private static bool PadsByRule(GradientContext node) => node.Text("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal);

    /// <summary>
    /// It leaves out dilations and the padding that a rule decides, is wrong along a third axis, and counts what lies beyond the padding.
    /// </summary>
    private static bool AveragesAsDefined(GradientContext node) =>
        !PadsByRule(node)
        && node.Integers("dilations")?.Any(static distance => distance != 1) != true
        && node.Input(0).Rank <= 4
        && (node.Integer("ceil_mode", 0) == 0 || node.Integer("count_include_pad", 0) == 0);
}
