namespace OrtAdaMomentum.Optimizers;

/// <summary>The learning rate as it is, after an optional linear warm-up: step / warmupSteps, then 1.</summary>
/// <param name="warmupSteps">Steps of the warm-up; at least 0.</param>
/// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
public sealed class ConstantSchedule(long warmupSteps = 0) : LearningRateSchedule
{
    private readonly long _warmupSteps = warmupSteps >= 0
        ? warmupSteps
        : throw new ArgumentOutOfRangeException(nameof(warmupSteps), warmupSteps, "The warm-up has at least 0 steps.");

    /// <inheritdoc/>
    public override string Name => "constant";

    /// <inheritdoc/>
    public override double FactorAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        return stepIndex < _warmupSteps ? (double)stepIndex / _warmupSteps : 1;
    }
}
