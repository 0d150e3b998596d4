using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// Inputs: gradient of a convolution's output, filter, and, where the attributes do not tell its shape, the input. Output: gradient of the input.
/// </summary>
internal sealed unsafe class ConvolutionInputGradientKernel(ConvolutionNode node) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "ConvolutionInputGradient", KernelDefinition.Floats(3), KernelDefinition.Floats(1),
        static node => new ConvolutionInputGradientKernel(new ConvolutionNode(node)))
    {
        RequiredInputs = 2,
        Wins = static offer => ConvolutionInputGradient.Wins(ConvolutionNode.Of(offer, input: 2)),
    };

    public override void Compute(KernelContext context)
    {
        var input = context.HasInput(2) ? context.Shape(2) : node.Input(context.Shape(0)[0]);
        var shape = node.Over(input);
        ConvolutionInputGradient.Arguments arguments = new()
        {
            Shape = shape,
            OutputGradient = context.Floats(0, node.Output(shape)),
            Filter = context.Floats(1, node.Filter),
            InputGradient = context.Output(0, input.AsSpan()),
        };
        var scratch = SharedScratch.Take();
        ConvolutionInputGradient.Run(arguments, scratch, context.Threads);
        SharedScratch.Give(scratch);
    }
}
