using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Inputs: gradient of the output, and the input for its shape. Output: gradient of the input. Attributes: those of <see cref="PoolingNode"/>;
/// <c>count_include_pad</c>, whether padding is averaged too.
/// </summary>
internal sealed unsafe class AveragePoolBackwardKernel(PoolingNode node, bool countsPadding) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "AveragePoolBackward", KernelDefinition.Floats(2), KernelDefinition.Floats(1),
        static node => new AveragePoolBackwardKernel(new PoolingNode(node), node.Integer("count_include_pad", 0) != 0));

    public override void Compute(KernelContext context)
    {
        var (output, input) = (context.Shape(0), context.Shape(1));
        var (rows, columns) = node.Over(input, output);
        AveragePoolBackward.Arguments arguments = new()
        {
            Gradient = context.Floats(0),
            Result = context.Output(0, input.AsSpan()),
            Planes = (nint)input.Product(0, 2),
            Rows = rows,
            Columns = columns,
            CountsPadding = countsPadding,
        };
        AveragePoolBackward.Run(arguments, context.Threads);
    }
}
