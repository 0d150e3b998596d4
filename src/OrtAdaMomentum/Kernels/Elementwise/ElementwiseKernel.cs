using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Elementwise;

/// <summary>
/// Gradients of activations. Inputs: gradient of the output, and the tensor that the operation reads besides. Output: gradient of the input.
/// </summary>
internal sealed unsafe class ElementwiseKernel<TOperation>(TOperation operation) : Kernel
    where TOperation : unmanaged, IElementwise
{
    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(0);
        ElementwisePass.Run(
            operation, context.Floats(0), context.Floats(1, shape.AsSpan()), context.Output(0, shape.AsSpan()), (nint)shape.Count, context.Threads);
    }
}

/// <summary>The elementwise kernels.</summary>
internal static class ElementwiseKernels
{
    /// <summary>From the output.</summary>
    public static KernelDefinition Relu { get; } = Define("ReluBackward", static _ => new ElementwiseKernel<ReluBackward>(default));

    /// <summary>From the input. Attributes: <c>low</c> and <c>high</c>, the limits.</summary>
    public static KernelDefinition Clip { get; } = Define("ClipBackward", static node => new ElementwiseKernel<ClipBackward>(
        new ClipBackward(node.Number("low", float.NegativeInfinity), node.Number("high", float.PositiveInfinity))));

    /// <summary>From the input. Attribute: <c>tanh</c>, whether the approximation with a hyperbolic tangent is meant.</summary>
    public static KernelDefinition Gelu { get; } = Define("GeluBackward", static node => node.Integer("tanh", 0) != 0
        ? new ElementwiseKernel<TanhGeluBackward>(default)
        : new ElementwiseKernel<GeluBackward>(default));

    private static KernelDefinition Define(string name, Func<KernelAttributes, Kernel> create) =>
        new(name, KernelDefinition.Floats(2), KernelDefinition.Floats(1), create) { InPlace = true };
}
