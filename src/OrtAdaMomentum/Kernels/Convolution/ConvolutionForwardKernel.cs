using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>Convolution. Inputs: input, filter, bias or nothing. Output: output.</summary>
internal sealed unsafe class ConvolutionForwardKernel(ConvolutionNode node) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "ConvolutionForward", KernelDefinition.Floats(3), KernelDefinition.Floats(1),
        static node => new ConvolutionForwardKernel(new ConvolutionNode(node)))
    {
        RequiredInputs = 2,
        Wins = static offer => ConvolutionForward.Wins(ConvolutionNode.Of(offer, input: 0)),
    };

    public override void Compute(KernelContext context)
    {
        var shape = node.Over(context.Shape(0));
        ConvolutionForward.Arguments arguments = new()
        {
            Shape = shape,
            Input = context.Floats(0),
            Filter = context.Floats(1, node.Filter),
            Bias = context.FloatsOrNull(2, [shape.OutputChannels]),
            Output = context.Output(0, node.Output(shape)),
        };
        var scratch = SharedScratch.Take();
        ConvolutionForward.Run(arguments, scratch, context.Threads);
        SharedScratch.Give(scratch);
    }
}
