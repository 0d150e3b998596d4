using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Input: input. Outputs: output, and the places in the whole input of the elements that it took. Attributes: those of
/// <see cref="PoolingNode"/>.
/// </summary>
internal sealed unsafe class MaxPoolForwardKernel(PoolingNode node) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "MaxPoolForward", KernelDefinition.Floats(1), [ElementType.Float, ElementType.Int64],
        static node => new MaxPoolForwardKernel(new PoolingNode(node)));

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(0);
        var (rows, columns) = node.Over(input);
        ReadOnlySpan<long> output = [input[0], input[1], rows.Windows, columns.Windows];
        MaxPoolForward.Arguments arguments = new()
        {
            Input = context.Floats(0),
            Output = context.Output(0, output),
            Places = (long*)context.Output(1, output),
            Planes = (nint)input.Product(0, 2),
            Rows = rows,
            Columns = columns,
        };
        MaxPoolForward.Run(arguments, context.Threads);
    }
}
