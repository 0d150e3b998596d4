using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>Normalisations, of the statistics that the forward pass has kept.</summary>
internal static class NormalizationKernels
{
    public static readonly OfficialKernel[] All =
    [
        new("LayerNormalization", static node => [node.Gradient, node.Input(0), node.Input(1), RowStatistic(node, 1), RowStatistic(node, 2)])
        {
            Attributes = ["axis"],
            Applies = static node => IsScaledInFull(node, 1) && (!node.HasInput(2) || IsScaledInFull(node, 2)),
            Outputs = [0, 1, 2],
            AlwaysWritten = [0, 1, 2],
        },
        new("SimplifiedLayerNormalization", static node => [node.Gradient, node.Input(0), node.Input(1), RowStatistic(node, 1)])
        {
            Attributes = ["axis"],
            Applies = static node => IsScaledInFull(node, 1),
            Outputs = [0, 1],
            AlwaysWritten = [0, 1],
        },
        new("BatchNormalization", static node =>
        {
            // The operator of training writes all its outputs, the running statistics too.
            SymbolicTensor[] statistics = [.. Enumerable.Range(1, 4).Select(output => node.RequireOutput(output, node.Input(1).Type))];
            return [node.Gradient, node.Input(0), node.Input(1), statistics[2], statistics[3]];
        })
        {
            Attribute = static node => ("epsilon", node.Number("epsilon", 1e-5f)),
            TrainedAs = "BatchNormInternal",
            // It lets the gradient flow through the statistics, as those of the batch call for and stored ones do not.
            Applies = static node => node.Integer("training_mode", 0) != 0,
            Outputs = [0, 1, 2],
            AlwaysWritten = [0, 1, 2],
        },
    ];

    private static int Axis(GradientContext node) => node.Integer("axis", -1) is var axis && axis < 0 ? (int)axis + node.Input(0).Rank : (int)axis;

    private static SymbolicTensor RowStatistic(GradientContext node, int output)
    {
        int axis = Axis(node);
        return node.RequireOutput(output, new TensorType(
            ElementType.Float, [.. node.Input(0).Shape.Select((extent, place) => place >= axis ? Dimension.Of(1) : extent)]));
    }

    /// <summary>Whether a factor has the shape that is normalised, which must not be a single element: the operators refuse that.</summary>
    private static bool IsScaledInFull(GradientContext node, int input) =>
        node.Input(0).Type.Shape is { } shape && node.Input(input).Type.Shape is { } factors && factors.SequenceEqual(shape.Skip(Axis(node)))
        && factors.Any(static extent => !extent.Is(1));
}
