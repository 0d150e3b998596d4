using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Losses;

/// <summary>The mean of the squared differences between prediction and target.</summary>
public sealed record MeanSquaredErrorLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "mse";

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Value;

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var difference = context.Prediction - context.Target(context.Prediction.Type);
        return (difference * difference).SumAll() / context.Prediction.SizeOf();
    }
}
