using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Reduction;

/// <summary>
/// Input: any tensor. Output: its sum over the first axes. Attributes: <c>axes</c>, how many these are; <c>keepdims</c>, whether they stay,
/// with one element each.
/// </summary>
internal sealed unsafe class ColumnSumKernel(int axes, bool keeps) : Kernel
{
    // Columns are what lies side by side in the registers.
    private const long LeastColumns = 32;

    public static KernelDefinition Definition { get; } = new(
        "ColumnSum", KernelDefinition.Floats(1), KernelDefinition.Floats(1),
        static node => new ColumnSumKernel((int)node.Integer("axes", 1), node.Integer("keepdims", 1) != 0))
    {
        Wins = static offer => offer.InputShape(0) is { } shape && shape.Skip((int)offer.Integer("axes", 1)) is var columns
            && columns.All(static axis => axis.IsStatic) && columns.Aggregate(1L, static (product, axis) => product * axis.Extent) >= LeastColumns,
    };

    public override void Compute(KernelContext context)
    {
        var shape = context.Shape(0);
        if (axes > shape.Rank)
            throw new FineTuningException($"ColumnSum: there are {shape.Rank} axes, expected {axes} or more.");
        Span<long> result = stackalloc long[shape.Rank];
        shape.AsSpan().CopyTo(result);
        result[..axes].Fill(1);
        ColumnSum.Run(
            context.Floats(0), context.Output(0, keeps ? result : result[axes..]), (nint)shape.Product(0, axes), (nint)shape.Product(axes, shape.Rank),
            context.Threads);
    }
}
