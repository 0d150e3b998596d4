namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Decides when a run starts. Asked after samples were stored, and at every interval of
/// <see cref="FineTuningServiceOptions.TriggerInterval"/>.
/// </summary>
public interface ITrainingTrigger
{
    /// <summary>Whether to start a run now.</summary>
    ValueTask<bool> ShouldStartAsync(TriggerContext context, CancellationToken cancellationToken);
}

/// <summary>What a trigger may go by.</summary>
/// <param name="Samples">How many samples there are.</param>
/// <param name="Now">The time.</param>
/// <param name="LastRun">When the last run of this process ended, whatever its outcome; null before the first.</param>
public readonly record struct TriggerContext(SampleCounts Samples, DateTimeOffset Now, DateTimeOffset? LastRun);

/// <summary>Starts a run when enough new samples are there.</summary>
public sealed class MinimumSamplesTrigger : ITrainingTrigger
{
    private readonly Func<int> _minimumSamples;

    /// <summary>A trigger for a number of new samples.</summary>
    public MinimumSamplesTrigger(int minimumSamples) => _minimumSamples = () => minimumSamples;

    internal MinimumSamplesTrigger(CurrentOptions options) => _minimumSamples = () => options.Value.MinimumSamples;

    /// <inheritdoc/>
    public ValueTask<bool> ShouldStartAsync(TriggerContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(context.Samples.New >= _minimumSamples());
}
