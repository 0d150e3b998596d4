using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Inputs: gradient of the output, and the input for its shape. Output: gradient of the input.</summary>
internal sealed unsafe class GlobalAveragePoolBackwardKernel : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "GlobalAveragePoolBackward", KernelDefinition.Floats(2), KernelDefinition.Floats(1), static _ => new GlobalAveragePoolBackwardKernel());

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(1);
        GlobalAveragePoolBackward.Run(
            context.Floats(0), context.Output(0, input.AsSpan()), (nint)input.Product(0, 2), (nint)input.Product(2, input.Rank), context.Threads);
    }
}
