using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>Operators that pick elements. Of the input their gradients get the shape.</summary>
internal static class IndexingKernels
{
    public static readonly OfficialKernel[] All =
    [
        new("Gather", static node => [node.Input(0).ShapeOf(), node.Input(1), node.Gradient]) { Attributes = ["axis"] },
        new("GatherElements", static node => [node.Gradient, node.Input(0).ShapeOf(), node.Input(1)]) { Attributes = ["axis"] },
        new("TopK", static node => [node.Gradient, node.Input(0).ShapeOf(), Places(node)])
        {
            OperatorType = static _ => "GatherElementsGrad",
            Attribute = static node => ("axis", node.Integer("axis", -1)),
        },
        new("Slice", static node => [node.Gradient, node.Input(0).ShapeOf(), node.Input(1), node.Input(2), Given(node, 3), Given(node, 4)])
        {
            // It throws where a step goes backwards.
            Applies = static node => !node.HasInput(4) || node.ConstantIntegers(4)?.All(static step => step > 0) == true,
        },
    ];

    private static SymbolicTensor Places(GradientContext node) =>
        node.RequireOutput(1, new TensorType(ElementType.Int64, node.Output().Type.Shape));

    private static SymbolicTensor? Given(GradientContext node, int input) => node.HasInput(input) ? node.Input(input) : null;
}
