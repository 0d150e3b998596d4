using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Inputs: input, gradient of the output, scale, whose axes are the normalised ones, mean and one over the standard deviation of each row.
/// Outputs: gradients of input, scale and bias.
/// </summary>
internal sealed unsafe class LayerNormalizationBackwardKernel : Kernel
{
    private readonly Scratch _sums = new();
    private readonly Scratch _unread = new();

    public static KernelDefinition Definition { get; } = new(
        "LayerNormalizationBackward", KernelDefinition.Floats(5), KernelDefinition.Floats(3), static _ => new LayerNormalizationBackwardKernel());

    public override void Compute(KernelContext context)
    {
        var (input, statistics) = (context.Shape(0), context.Shape(3));
        var scale = input.From(input.Rank - context.Shape(2).Rank);
        nint rows = (nint)input.Product(0, input.Rank - scale.Rank), columns = (nint)scale.Count;
        if (statistics.Count != rows)
            throw new FineTuningException($"There are statistics of {statistics.Count} rows, expected {rows}.");
        float* inputGradient = context.Output(0, input.AsSpan());
        float* scaleGradient = context.Output(1, scale.AsSpan()), biasGradient = context.Output(2, scale.AsSpan());
        LayerNormalizationBackward.Arguments arguments = new()
        {
            X = context.Floats(0),
            Gradient = context.Floats(1, input.AsSpan()),
            Scale = context.Floats(2, scale.AsSpan()),
            Mean = context.Floats(3),
            Inverse = context.Floats(4, statistics.AsSpan()),
            XGradient = inputGradient != null ? inputGradient : _unread.Floats(rows * columns),
            ScaleGradient = scaleGradient != null ? scaleGradient : _unread.Floats(columns),
            BiasGradient = biasGradient != null ? biasGradient : _unread.Floats(columns),
            Rows = rows,
            Columns = columns,
            Scratch = _sums.Floats(LayerNormalizationBackward.ScratchLength(rows, columns)),
        };
        LayerNormalizationBackward.Run(arguments, context.Threads);
    }

    public override void Dispose()
    {
        _sums.Dispose();
        _unread.Dispose();
        base.Dispose();
    }
}
