using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Reduction;

/// <summary>Input: [batch, channels, ...]. Output: the sum of each channel, [channels].</summary>
internal sealed unsafe class ChannelSumKernel : Kernel
{
    public static KernelDefinition Definition { get; } =
        new("ChannelSum", KernelDefinition.Floats(1), KernelDefinition.Floats(1), static _ => new ChannelSumKernel());

    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(0);
        ChannelSum.Run(
            context.Floats(0), context.Output(0, [shape[1]]), (nint)shape[0], (nint)shape[1], (nint)shape.Product(2, shape.Rank), context.Threads);
    }
}
