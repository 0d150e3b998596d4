using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Whether training may go on now: it is open while all conditions are met and nobody paused by hand. It closes with the first check that finds a
/// condition lost, and opens again when all have been met for <see cref="TrainingConditionOptions.ResumeAfter"/>. Durations are taken from a clock
/// that nobody sets.
/// </summary>
internal sealed class TrainingPermit(
    ConditionChecker checker,
    ManualPauseFile file,
    Func<TrainingConditionOptions> options,
    Action<IReadOnlyList<PauseReason>> changed,
    TimeProvider time,
    ILogger<TrainingPermit> logger) : IDisposable
{
    private static readonly PauseReason _notChecked = new(PauseReason.Settling, "conditions are being checked");

    private readonly SemaphoreSlim _byHand = new(1);
    private readonly Lock _lock = new();
    private ManualPause? _manual;
    private IReadOnlyList<PauseReason> _ofConditions = [_notChecked];
    private IReadOnlyList<PauseReason> _reasons = [_notChecked];
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _metSince;
    private bool _lost;

    /// <summary>Why training may not go on; empty when it may.</summary>
    public IReadOnlyList<PauseReason> Reasons
    {
        get
        {
            lock (_lock)
                return _reasons;
        }
    }

    public bool IsOpen => Reasons.Count == 0;

    /// <summary>Completes when training may go on. It may be over again by then.</summary>
    public Task WhenOpen
    {
        get
        {
            lock (_lock)
                return _opened.Task;
        }
    }

    public void Dispose() => _byHand.Dispose();

    /// <summary>Finds a pause by hand of an earlier process. One whose file is damaged stays a pause.</summary>
    public void Open()
    {
        ManualPause? manual;
        try
        {
            manual = file.Read();
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            SchedulingLog.PauseUnreadable(logger, error, file.FilePath);
            manual = new ManualPause($"'{file.FilePath}' cannot be read", time.GetUtcNow());
        }

        lock (_lock)
        {
            _manual = manual;
            Publish();
        }
    }

    /// <summary>Checks conditions again and again until the service stops. The first check is the caller's.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options().CheckInterval, time, stoppingToken).ConfigureAwait(false);
                await CheckAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>Checks conditions once. One check at a time.</summary>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        var unmet = await checker.CheckAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _ofConditions = Settle(unmet);
            Publish();
        }
    }

    /// <summary>Pauses by hand, also over a restart.</summary>
    /// <exception cref="FineTuningException">It is paused, but a restart will not know, because the file cannot be written.</exception>
    public async Task PauseAsync(string reason, CancellationToken cancellationToken)
    {
        await _byHand.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var pause = new ManualPause(reason, time.GetUtcNow());
            Set(pause);
            SchedulingLog.PausedByHand(logger, reason);
            Keep(() => file.Write(pause), "Training is paused, but would go on after a restart");
        }
        finally
        {
            _byHand.Release();
        }
    }

    /// <summary>Ends a pause by hand. Conditions hold as before.</summary>
    /// <exception cref="FineTuningException">It is over, but would be there again after a restart, because the file cannot be deleted.</exception>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        await _byHand.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Set(null);
            SchedulingLog.ResumedByHand(logger);
            Keep(file.Delete, "Training goes on, but would be paused again after a restart");
        }
        finally
        {
            _byHand.Release();
        }
    }

    private static void Keep(Action write, string consequence)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException($"{consequence}: {error.Message}", error);
        }
    }

    private void Set(ManualPause? pause)
    {
        lock (_lock)
        {
            _manual = pause;
            Publish();
        }
    }

    private IReadOnlyList<PauseReason> Settle(IReadOnlyList<PauseReason> unmet)
    {
        if (unmet.Count > 0)
        {
            (_lost, _metSince) = (true, null);
            return unmet;
        }

        if (!_lost)
            return unmet;
        long now = time.GetTimestamp();
        var wanted = options().ResumeAfter;
        if (time.GetElapsedTime(_metSince ??= now, now) < wanted)
            return [new PauseReason(PauseReason.Settling, $"all conditions are met again, but not yet for {wanted}")];
        _lost = false;
        return unmet;
    }

    /// <summary>Under the lock, so that whoever is told learns of changes in their order.</summary>
    private void Publish()
    {
        IReadOnlyList<PauseReason> reasons = _manual is { } manual ? [new PauseReason(PauseReason.Manual, manual.Reason), .. _ofConditions] : _ofConditions;
        if (reasons.SequenceEqual(_reasons))
            return;
        _reasons = reasons;
        if (reasons.Count == 0)
            _opened.TrySetResult();
        else if (_opened.Task.IsCompleted)
            _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed(reasons);
    }
}
