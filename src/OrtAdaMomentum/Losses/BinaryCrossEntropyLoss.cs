using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Losses;

/// <summary>
/// Binary cross-entropy of logits z against targets t in 0..1, the mean over all elements. Computed as
/// <c>(1 - t) softplus(z) + w t softplus(-z)</c> with the positive weight w, which is finite for every z and smooth at 0.
/// </summary>
public sealed record BinaryCrossEntropyLoss : Loss
{
    /// <summary>Weight of the positive part (t = 1), above 0; 1 weighs both alike. More than 1 favours recall.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <inheritdoc/>
    public override string Name => "binary-cross-entropy";

    /// <inheritdoc/>
    public override IReadOnlyList<FinalActivation> StableUnder => [FinalActivation.Sigmoid];

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Probability;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (!double.IsFinite(PositiveWeight) || PositiveWeight <= 0)
            throw new FineTuningException($"The positive weight must be a finite number above 0, was {PositiveWeight}.");
    }

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var logits = context.Prediction;
        var target = context.Target(logits.Type);

        var positive = target * (-logits).Unary("Softplus");
        var terms = (1 - target) * logits.Unary("Softplus") + (PositiveWeight == 1 ? positive : PositiveWeight * positive);
        return terms.SumAll() / logits.SizeOf();
    }
}
