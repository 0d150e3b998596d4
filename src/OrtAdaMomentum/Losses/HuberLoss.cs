using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Losses;

/// <summary>
/// Huber's loss of the difference d, the mean over all elements: <c>d²/2</c> up to <c>|d| = δ</c>, <c>δ (|d| - δ/2)</c> beyond.
/// </summary>
public sealed record HuberLoss : Loss
{
    /// <summary>Where the parabola goes over into a line, above 0, in the unit of the prediction.</summary>
    public double Delta { get; init; } = 1;

    /// <inheritdoc/>
    public override string Name => "huber";

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Value;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (!double.IsFinite(Delta) || Delta <= 0)
            throw new FineTuningException($"Delta must be a finite number above 0, was {Delta}.");
    }

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var distance = (context.Prediction - context.Target(context.Prediction.Type)).Abs();
        var near = 0.5 * (distance * distance);
        var far = Delta * distance - Delta * Delta / 2;
        return distance.IsLessThan(Delta).Choose(near, far).SumAll() / context.Prediction.SizeOf();
    }
}
