using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>Inputs: gradient of a convolution's output, and the input. Output: gradient of the filter.</summary>
internal sealed unsafe class ConvolutionFilterGradientKernel(ConvolutionNode node) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "ConvolutionFilterGradient", KernelDefinition.Floats(2), KernelDefinition.Floats(1),
        static node => new ConvolutionFilterGradientKernel(new ConvolutionNode(node)))
    {
        Wins = static offer => ConvolutionFilterGradient.Wins(ConvolutionNode.Of(offer, input: 1)),
    };

    public override void Compute(KernelContext context)
    {
        var shape = node.Over(context.Shape(1));
        ConvolutionFilterGradient.Arguments arguments = new()
        {
            Shape = shape,
            OutputGradient = context.Floats(0, node.Output(shape)),
            Input = context.Floats(1),
            FilterGradient = context.Output(0, node.Filter),
        };
        var scratch = SharedScratch.Take();
        ConvolutionFilterGradient.Run(arguments, scratch, context.Threads);
        SharedScratch.Give(scratch);
    }
}
