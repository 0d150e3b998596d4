namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Rises linearly from 0 over the warm-up, then falls linearly to 0 at the last step, as ONNX Runtime's linear scheduler:
/// step / warmup, then max(0, (total - step) / (total - warmup)).
/// </summary>
public sealed class LinearSchedule : LearningRateSchedule
{
    private readonly long _totalSteps;
    private readonly long _warmupSteps;

    /// <summary>Creates the schedule.</summary>
    /// <param name="totalSteps">Steps of the training; at least 1. From there on the factor is 0.</param>
    /// <param name="warmupSteps">Steps of the warm-up among them; 0 to <paramref name="totalSteps"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public LinearSchedule(long totalSteps, long warmupSteps = 0)
    {
        CheckSpan(totalSteps, warmupSteps);
        _totalSteps = totalSteps;
        _warmupSteps = warmupSteps;
    }

    /// <inheritdoc/>
    public override string Name => "linear";

    /// <inheritdoc/>
    public override double FactorAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        if (stepIndex < _warmupSteps)
            return (double)stepIndex / _warmupSteps;
        return stepIndex >= _totalSteps ? 0 : (double)(_totalSteps - stepIndex) / (_totalSteps - _warmupSteps);
    }
}
