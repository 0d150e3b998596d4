using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Inputs: input, gradient of the output, scale, mean, and one over the standard deviation, or, with given statistics, the variance; with an
/// activation, whose gradient is then the one given, also bias. Outputs: gradients of input, scale and bias. Attributes: <c>epsilon</c>;
/// <c>frozen</c>, whether the statistics are given; and, if they are not, those of <see cref="FollowingActivation"/>.
/// </summary>
internal sealed unsafe class BatchNormalizationBackwardKernel(float epsilon, bool frozen, FollowingActivation activation) : Kernel
{
    public static KernelDefinition Definition { get; } = new(
        "BatchNormalizationBackward", KernelDefinition.Floats(6), KernelDefinition.Floats(3),
        static node => new BatchNormalizationBackwardKernel(node.Number("epsilon", 1e-5f), node.Integer("frozen", 0) != 0, new(node)))
    {
        RequiredInputs = 5,
        InPlace = true,
    };

    public override void Compute(KernelContext context)
    {
        var input = context.Shape(0);
        var channels = input.Axis(1);
        BatchNormalizationBackward.Arguments arguments = new()
        {
            X = context.Floats(0),
            Gradient = context.Floats(1, input.AsSpan()),
            Scale = context.Floats(2, channels.AsSpan()),
            Bias = frozen || activation.Kind == FollowingActivation.None ? null : context.Floats(5, channels.AsSpan()),
            Mean = context.Floats(3, channels.AsSpan()),
            Inverse = frozen ? null : context.Floats(4, channels.AsSpan()),
            Variance = frozen ? context.Floats(4, channels.AsSpan()) : null,
            Epsilon = epsilon,
            Frozen = frozen,
            XGradient = context.Output(0, input.AsSpan()),
            ScaleGradient = context.Output(1, channels.AsSpan()),
            BiasGradient = context.Output(2, channels.AsSpan()),
            Batch = (nint)input[0],
            Channels = (nint)input[1],
            Area = (nint)input.Product(2, input.Rank),
        };
        if (arguments.Bias == null)
            BatchNormalizationBackward.Run(arguments, context.Threads);
        else if (activation.Kind == FollowingActivation.Relu)
            BatchNormalizationBackward.Run(default(ReluBackward), arguments, context.Threads);
        else
            BatchNormalizationBackward.Run(new ClipBackward(activation.Low, activation.High), arguments, context.Threads);
    }
}
