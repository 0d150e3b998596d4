using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Holds training up while the permit is closed: between two steps, and between two batches of an evaluation, where nothing of its result
/// depends on how long it waits. A run that is held up for longer than <see cref="TrainingConditionOptions.ReleaseAfter"/> is let go: it stops as at
/// a stop of the service, and goes on from its checkpoint.
/// </summary>
internal sealed class TrainingHold(
    TrainingPermit permit,
    Func<TrainingConditionOptions> options,
    FineTuningMonitor monitor,
    FineTuningMetrics metrics,
    TimeProvider time,
    ILogger<TrainingHold> logger)
{
    private Pause? _pause;
    private Action? _letGo;
    private bool _hasLetGo;

    /// <summary>Begins a run, which ends when the lease is disposed.</summary>
    public RunLease Begin(CancellationToken stoppingToken)
    {
        var lease = new RunLease(ended: () => _letGo = null, stoppingToken);
        (_letGo, _hasLetGo) = (lease.Release, false);
        return lease;
    }

    /// <summary>
    /// Returns when training may go on, and also when the token is cancelled: a step may then see for itself that it has to write a checkpoint.
    /// One caller at a time.
    /// </summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (!permit.IsOpen && !cancellationToken.IsCancellationRequested)
        {
            _pause ??= Begin();
            try
            {
                await WaitOnceAsync(_pause, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Left to the caller.
            }
        }

        // A run that was let go is still held up.
        if (_pause is { } pause && !(cancellationToken.IsCancellationRequested && _hasLetGo))
            End(pause, goesOn: !cancellationToken.IsCancellationRequested);
    }

    /// <summary>The same on the calling thread, for where there is nothing else to wait with.</summary>
    public void Wait(CancellationToken cancellationToken)
    {
        if (!permit.IsOpen)
            WaitAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
    }

    private async Task WaitOnceAsync(Pause pause, CancellationToken cancellationToken)
    {
        if (_letGo is not { } letGo)
        {
            await permit.WhenOpen.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var patience = options().ReleaseAfter - time.GetElapsedTime(pause.Started);
        try
        {
            await permit.WhenOpen.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            SchedulingLog.Released(logger, time.GetElapsedTime(pause.Started));
            _hasLetGo = true;
            letGo();
        }
    }

    private Pause Begin()
    {
        var reasons = permit.Reasons;
        var pause = new Pause(time.GetTimestamp(), monitor.State, reasons.Count > 0 ? reasons[0].Condition : PauseReason.Settling);
        SchedulingLog.Paused(logger, string.Join("; ", reasons.Select(static reason => reason.Reason)));
        metrics.Paused(true);
        monitor.Enter(FineTuningState.Paused);
        return pause;
    }

    private void End(Pause pause, bool goesOn)
    {
        _pause = null;
        var duration = time.GetElapsedTime(pause.Started);
        metrics.PauseEnded(duration, pause.Condition);
        metrics.Paused(false);
        if (!goesOn)
            return;
        monitor.Enter(pause.Before);
        SchedulingLog.Resumed(logger, duration);
    }

    private sealed record Pause(long Started, FineTuningState Before, string Condition);
}
