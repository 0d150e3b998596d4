using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Losses;

/// <summary>
/// Connectionist temporal classification (Graves et al. 2006): the negative logarithm of the probability that the classes of all time steps,
/// repeats merged and blanks dropped, spell the target. As PyTorch's <c>ctc_loss</c> with its mean: the loss of a sample is divided by the length of
/// its target (an empty one counts as 1), then averaged over the batch. A sample whose target does not fit into its time steps has no
/// finite loss: it counts as 0 and gives no gradient, as with <c>zero_infinity=True</c>.
/// </summary>
/// <remarks>
/// The target is an int64 matrix [batch, longest target], filled up behind each target with negative numbers (-1). Targets do not hold the
/// blank. Forward and backward variables run over time in a Scan each; the gradient is their closed form, the softmax less the
/// posterior of the classes, and no recursion is differentiated.
/// </remarks>
public sealed record CtcLoss : Loss
{
    /// <summary>The class that stands for no label, 0 or more. Default: 0.</summary>
    public long Blank { get; init; }

    /// <summary>Whether the output is [time, batch, class], as PyTorch's loss takes it; otherwise it is [batch, time, class].</summary>
    public bool TimeFirst { get; init; }

    /// <summary>Whether the first column of the target is the number of the sample's time steps that count; otherwise all count.</summary>
    public bool WithInputLengths { get; init; }

    /// <inheritdoc/>
    public override string Name => "ctc";

    /// <inheritdoc/>
    public override IReadOnlyList<FinalActivation> StableUnder => [FinalActivation.Softmax, FinalActivation.LogSoftmax];

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.ClassSequence;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (Blank < 0)
            throw new FineTuningException($"The blank is the index of a class, 0 or more, was {Blank}.");
    }

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var output = context.Prediction;
        string layout = TimeFirst ? "[time, batch, class]" : "[batch, time, class]";
        if (output.Type.Rank != 3 || context.Axis != -1)
            throw new FineTuningException($"CTC takes an output {layout} with the classes on its last axis, but '{output.Name}' has type {output.Type}.");
        if (output.Shape[2] is { IsStatic: true, Extent: var classes } && Blank >= classes)
            throw new FineTuningException($"The blank is class {Blank}, but the model has {classes} classes (0 to {classes - 1}).");

        var batch = output.Shape[TimeFirst ? 1 : 0];
        var target = context.Target(new TensorType(ElementType.Int64, [batch, Dimension.Unknown]));
        // Sums of logarithms over time leave half precision no digits.
        var precision = output.ElementType == ElementType.Double ? ElementType.Double : ElementType.Float;
        var logits = (TimeFirst ? output : output.Transpose(1, 0, 2)).Cast(precision);
        var alignment = new CtcAlignment(logits, target, Blank, WithInputLengths);
        var gradient = (TimeFirst ? alignment.Gradient : alignment.Gradient.Transpose(1, 0, 2)).Cast(output.ElementType);
        context.Gradient = gradient.ReshapeLike(output);
        return alignment.Loss.Cast(output.ElementType);
    }
}
