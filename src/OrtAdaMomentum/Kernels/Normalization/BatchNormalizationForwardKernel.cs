using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Inputs: input, scale, bias, running mean, running variance. Outputs: output, running mean and variance with this batch in them, mean and
/// inverse standard deviation of the batch. Attributes: <c>epsilon</c>, <c>momentum</c>, and those of <see cref="FollowingActivation"/>.
/// </summary>
internal sealed unsafe class BatchNormalizationForwardKernel(float epsilon, float momentum, FollowingActivation activation) : Kernel
{
    private readonly Scratch _unread = new();

    public static KernelDefinition Definition { get; } = new(
        "BatchNormalizationForward", KernelDefinition.Floats(5), KernelDefinition.Floats(5),
        static node => new BatchNormalizationForwardKernel(node.Number("epsilon", 1e-5f), node.Number("momentum", 0.9f), new(node)));

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(0);
        var channels = input.Axis(1);
        float* output = context.Output(0, input.AsSpan());
        BatchNormalizationForward.Arguments arguments = new()
        {
            X = context.Floats(0),
            Scale = context.Floats(1, channels.AsSpan()),
            Bias = context.Floats(2, channels.AsSpan()),
            RunningMean = context.Floats(3, channels.AsSpan()),
            RunningVariance = context.Floats(4, channels.AsSpan()),
            Y = output != null ? output : _unread.Floats((nint)input.Count),
            NextMean = context.Output(1, channels.AsSpan()),
            NextVariance = context.Output(2, channels.AsSpan()),
            Mean = context.Output(3, channels.AsSpan()),
            Inverse = context.Output(4, channels.AsSpan()),
            Epsilon = epsilon,
            Momentum = momentum,
            Batch = (nint)input[0],
            Channels = (nint)input[1],
            Area = (nint)input.Product(2, input.Rank),
        };
        if (activation.Kind == FollowingActivation.Relu)
            BatchNormalizationForward.Run(default(Relu), arguments, context.Threads);
        else if (activation.Kind == FollowingActivation.Clip)
            BatchNormalizationForward.Run(new Clip(activation.Low, activation.High), arguments, context.Threads);
        else
            BatchNormalizationForward.Run(arguments, context.Threads);
    }

    public override void Dispose()
    {
        _unread.Dispose();
        base.Dispose();
    }
}
