using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Losses;

/// <summary>The mean of the absolute differences between prediction and target (L1).</summary>
public sealed record AbsoluteErrorLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "l1";

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Value;

    /// <inheritdoc/>
    public override SymbolicTensor Attach(LossContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (context.Prediction - context.Target(context.Prediction.Type)).Abs().SumAll() / context.Prediction.SizeOf();
    }
}
