namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// Rises linearly from 0 over the warm-up, then follows half a cosine from 1 down to a minimum, where it stays:
/// min + (1 - min) · (1 + cos(π · progress)) / 2.
/// </summary>
/// <remarks>Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, without restarts.</remarks>
public sealed class CosineSchedule : LearningRateSchedule
{
    private readonly long _totalSteps;
    private readonly long _warmupSteps;
    private readonly double _minimumFactor;

    /// <summary>Creates the schedule.</summary>
    /// <param name="totalSteps">Steps of the training; at least 1. From there on the factor is the minimum.</param>
    /// <param name="warmupSteps">Steps of the warm-up among them; 0 to <paramref name="totalSteps"/>.</param>
    /// <param name="minimumFactor">The factor at the end; in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public CosineSchedule(long totalSteps, long warmupSteps = 0, double minimumFactor = 0)
    {
        CheckSpan(totalSteps, warmupSteps);
        if (minimumFactor is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(minimumFactor), minimumFactor, "The minimum factor lies in [0, 1].");
        _totalSteps = totalSteps;
        _warmupSteps = warmupSteps;
        _minimumFactor = minimumFactor;
    }

    /// <inheritdoc/>
    public override string Name => "cosine";

    /// <inheritdoc/>
    public override double FactorAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        if (stepIndex < _warmupSteps)
            return (double)stepIndex / _warmupSteps;
        if (stepIndex >= _totalSteps)
            return _minimumFactor;
        double progress = (double)(stepIndex - _warmupSteps) / (_totalSteps - _warmupSteps);
        return _minimumFactor + ((1 - _minimumFactor) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
