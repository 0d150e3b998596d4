using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Inputs: gradient of the output, the places that MaxPool gives for its windows, and the input for its shape. Output: gradient of the input.
/// </summary>
internal sealed unsafe class MaxPoolBackwardKernel : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "MaxPoolBackward", [ElementType.Float, ElementType.Int64, ElementType.Float], KernelDefinition.Floats(1),
        static _ => new MaxPoolBackwardKernel());

    public override void Compute(KernelContext context)
    {
        var (output, places, input) = (context.Shape(0), context.Shape(1), context.Shape(2));
        if (!output.AsSpan().SequenceEqual(places.AsSpan()) || output.Product(0, 2) != input.Product(0, 2))
            throw new FineTuningException("MaxPoolBackward: the gradient, the places and the input are not of one pooling.");
        MaxPoolBackward.Arguments arguments = new()
        {
            Gradient = context.Floats(0),
            Places = context.Longs(1),
            Result = context.Output(0, input.AsSpan()),
            Planes = (nint)input.Product(0, 2),
            Windows = (nint)output.Product(2, output.Rank),
            Elements = (nint)input.Product(2, input.Rank),
        };
        if (!MaxPoolBackward.Run(arguments, context.Threads))
            throw new FineTuningException("MaxPoolBackward: a place is outside of the plane that its window moves over.");
    }
}
