namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Tells whether <see cref="TrainingConditionOptions.MinimumInterval"/> has passed since the latest run. What happened before this process is known
/// by the machine's clock; from then on a clock is used that nobody sets. So a clock that was put back makes a run wait once more for the
/// interval at most.
/// </summary>
internal sealed class RunInterval(Func<TrainingConditionOptions> options, TimeProvider time)
{
    private TimeSpan? _before;
    private long _since;

    /// <param name="latest">When the latest run of an earlier process ended; null when there was none.</param>
    public void Open(DateTimeOffset? latest)
    {
        _before = latest is { } ended ? time.GetUtcNow() - ended is { Ticks: > 0 } passed ? passed : TimeSpan.Zero : null;
        _since = time.GetTimestamp();
    }

    public void RunEnded() => (_before, _since) = (TimeSpan.Zero, time.GetTimestamp());

    public bool HasPassed => options().MinimumInterval is not { } least || _before is not { } before || before + time.GetElapsedTime(_since) >= least;
}
