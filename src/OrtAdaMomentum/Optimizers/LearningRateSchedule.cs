namespace OrtAdaMomentum.Optimizers;

/// <summary>How the learning rate changes over the steps of a training. Has no state: the step decides.</summary>
public abstract class LearningRateSchedule
{
    /// <summary>The name that <see cref="LearningRateSchedules"/> knows the schedule by.</summary>
    public abstract string Name { get; }

    /// <summary>What the base learning rate is multiplied by.</summary>
    /// <param name="stepIndex">The step, counted from 0; at least 0.</param>
    /// <returns>A factor in [0, 1].</returns>
    public abstract double FactorAt(long stepIndex);

    private protected static void CheckSpan(long totalSteps, long warmupSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(warmupSteps, totalSteps);
    }
}
