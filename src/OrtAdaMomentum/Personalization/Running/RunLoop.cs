using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Waits for a reason and for the permission to train, carries a run out, and waits again. A run that fails ends nothing.</summary>
internal sealed class RunLoop(
    ISampleStore store,
    ITrainingTrigger trigger,
    FineTuningRun run,
    FineTuningMonitor monitor,
    TrainingSchedule schedule,
    WakeUp wakeUp,
    TimeProvider time,
    ILogger logger)
{
    private DateTimeOffset? _lastRun;

    /// <summary>Lets the loop look again at what it waits for.</summary>
    public WakeUp WakeUp { get; } = wakeUp;

    /// <summary>Those who ask for a run.</summary>
    public RunRequests Requests { get; } = new(wakeUp);

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="data">What the model is given beside samples.</param>
    /// <param name="directory">The data folder, without which no run begins or goes on.</param>
    /// <param name="stoppingToken">Ends it.</param>
    public async Task RunAsync(ModelData data, DataDirectoryLock directory, CancellationToken stoppingToken)
    {
        bool interrupted = true, failed = false;
        List<TaskCompletionSource<GateDecision>> requests = [];
        while (true)
        {
            bool begun = false;
            try
            {
                if (run.Retry is { } retry && retry.Delay > TimeSpan.Zero)
                {
                    requests.AddRange(await WaitForRetryAsync(retry.Delay, retry.Failure, stoppingToken).ConfigureAwait(false));
                    interrupted = true;
                }
                else if (failed)
                {
                    // Something has to happen, if only that the interval passes, before it is tried again.
                    await WakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
                }

                failed = false;
                (RunRecord Record, SampleSnapshot Samples)? prepared = null;
                if (interrupted)
                {
                    // What the run goes on with is looked at when it may: much can change meanwhile.
                    if (run.IsInterrupted)
                    {
                        await WaitForPermitAsync(stoppingToken).ConfigureAwait(false);
                        await run.AdmitAsync().ConfigureAwait(false);
                    }

                    await DemandAsync(directory, stoppingToken).ConfigureAwait(false);
                    prepared = await run.FindInterruptedAsync(data, stoppingToken).ConfigureAwait(false);
                }

                interrupted = false;
                if (prepared is null)
                {
                    if (requests.Count == 0)
                        await WaitForStartAsync(stoppingToken).ConfigureAwait(false);
                    await WaitForPermitAsync(stoppingToken).ConfigureAwait(false);
                    requests.AddRange(Requests.Take());
                    await DemandAsync(directory, stoppingToken).ConfigureAwait(false);
                    prepared = await run.PrepareAsync(data, stoppingToken).ConfigureAwait(false);
                }

                begun = true;
                if (await ExecuteAsync(prepared.Value.Record, prepared.Value.Samples, data, stoppingToken).ConfigureAwait(false) is not { } decision)
                {
                    // A service that does not train allocates little, so that nothing else would give the samples' and the model's memory back.
                    prepared = null;
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    interrupted = true;
                    continue;
                }

                requests.ForEach(request => request.TrySetResult(decision));
                monitor.Enter(FineTuningState.Idle);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                requests.ForEach(request => request.TrySetCanceled(stoppingToken));
                throw;
            }
#pragma warning disable CA1031 // Whatever stops a run, the service goes on serving and collecting.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failed = true;
                interrupted |= run.IsInterrupted;
                if (error is NothingToTrainException)
                    Log.NothingToTrain(logger, error.Message);
                else
                    Log.RunFailed(logger, error);
                monitor.Failed(error.Message);
                if (error is NothingToTrainException)
                    monitor.Enter(FineTuningState.Idle);
                // Whoever asks while a run goes on asks for the next one; but where none could begin, all have their answer.
                if (!begun)
                    requests.AddRange(Requests.Take());
                requests.ForEach(request => request.TrySetException(error));
            }

            requests = [];
            _lastRun = time.GetUtcNow();
            schedule.Interval.RunEnded();
        }
    }

    /// <summary>Sees to it that no other service uses the folder, as one may where it could not be written when this one started.</summary>
    private async Task DemandAsync(DataDirectoryLock directory, CancellationToken stoppingToken)
    {
        if (directory.IsHeld)
            return;
        // The store first: where it cannot be used either, that is what is shown as wrong.
        _ = await store.CountAsync(stoppingToken).ConfigureAwait(false);
        directory.Demand();
    }

    /// <summary>Carries a run out; null when it was let go because it paused for long.</summary>
    private async Task<GateDecision?> ExecuteAsync(RunRecord record, SampleSnapshot samples, ModelData data, CancellationToken stoppingToken)
    {
        using var lease = schedule.Hold.Begin(stoppingToken);
        try
        {
            return await run.ExecuteAsync(record, samples, data, lease.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lease.IsReleased && !stoppingToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            FreedMemory.GiveBack();
        }
    }

    /// <summary>Waits until a run that failed may be tried again, or someone asks for it.</summary>
    private async Task<List<TaskCompletionSource<GateDecision>>> WaitForRetryAsync(TimeSpan delay, string failure, CancellationToken stoppingToken)
    {
        // Before anybody learns of it: the delay counts from then on.
        long started = time.GetTimestamp();
        using var due = time.CreateTimer(_ => WakeUp.Set(), null, delay, Timeout.InfiniteTimeSpan);
        if (monitor.State != FineTuningState.Failed)
            monitor.Failed(failure);
        while (true)
        {
            var requests = Requests.Take();
            if (requests.Count > 0 || time.GetElapsedTime(started) >= delay)
                return requests;
            await WakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task WaitForPermitAsync(CancellationToken stoppingToken)
    {
        await schedule.Hold.WaitAsync(stoppingToken).ConfigureAwait(false);
        stoppingToken.ThrowIfCancellationRequested();
    }

    private async Task WaitForStartAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var samples = await store.CountAsync(stoppingToken).ConfigureAwait(false);
            if (samples.New > 0 && monitor.State is not FineTuningState.Failed)
                monitor.Enter(FineTuningState.Collecting);
            var context = new TriggerContext(samples, time.GetUtcNow(), _lastRun);
            if (Requests.Any || (schedule.Interval.HasPassed && await trigger.ShouldStartAsync(context, stoppingToken).ConfigureAwait(false)))
                return;
            await WakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }
}
