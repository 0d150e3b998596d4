namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>Cross entropy over class indices, of the logarithms that the forward pass has kept.</summary>
internal static class ClassLossKernel
{
    public static readonly OfficialKernel Kernel = new("SoftmaxCrossEntropyLoss", static node =>
        [node.Gradient, node.RequireOutput(1, node.Input(0).Type), node.Input(1), node.HasInput(2) ? node.Input(2) : null])
    {
        Attributes = ["ignore_index", "reduction"],
        Applies = static node => !node.Needs(2),
    };
}
