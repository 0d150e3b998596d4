using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Kernels.Shaping;

/// <summary>
/// Inputs: gradient of what was looked up, and the indices of the rows. Output: gradient of the table. Attribute: <c>shape</c>, that of the
/// table, whose first axis the rows are.
/// </summary>
internal sealed unsafe class EmbeddingBackwardKernel(long[] shape) : Kernel
{
    private readonly long _columns = shape.Skip(1).Aggregate(1L, static (product, extent) => product * extent);

    public static KernelDefinition Definition { get; } = new(
        "EmbeddingBackward", [ElementType.Float, ElementType.Int64], KernelDefinition.Floats(1),
        static node => new EmbeddingBackwardKernel(node.Integers("shape")!));

    public override void Compute(KernelContext context)
    {
        long* indices = context.Longs(1);
        long count = context.Shape(1).Count;
        if (context.Shape(0).Count != count * _columns)
            throw new FineTuningException("EmbeddingBackward: the gradient has not one row for each index.");
        foreach (long index in new ReadOnlySpan<long>(indices, checked((int)count)))
        {
            if (index < -shape[0] || index >= shape[0])
                throw new FineTuningException($"EmbeddingBackward: index {index} is outside of a table of {shape[0]} rows.");
        }

        EmbeddingBackward.Arguments arguments = new()
        {
            Gradient = context.Floats(0),
            Indices = indices,
            Result = context.Output(0, shape),
            Count = (nint)count,
            Rows = (nint)shape[0],
            Columns = (nint)_columns,
        };
        EmbeddingBackward.Run(arguments, context.Threads);
    }
}
