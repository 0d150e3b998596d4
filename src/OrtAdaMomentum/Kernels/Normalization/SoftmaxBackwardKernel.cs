using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>Inputs: gradient of the output, and the output; rows lie along the last axis. Output: gradient of the input.</summary>
internal sealed unsafe class SoftmaxBackwardKernel(bool logarithm) : Kernel
{
    public static KernelDefinition Softmax { get; } = Define("SoftmaxBackward", logarithm: false);

    public static KernelDefinition LogSoftmax { get; } = Define("LogSoftmaxBackward", logarithm: true);

    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(1);
        nint columns = (nint)shape[-1];
        SoftmaxBackward.Run(
            logarithm, context.Floats(1), context.Floats(0, shape.AsSpan()), context.Output(0, shape.AsSpan()), (nint)shape.Product(0, shape.Rank - 1), columns,
            context.Threads);
    }

    private static KernelDefinition Define(string name, bool logarithm) =>
        new(name, KernelDefinition.Floats(2), KernelDefinition.Floats(1), _ => new SoftmaxBackwardKernel(logarithm)) { InPlace = true };
}
