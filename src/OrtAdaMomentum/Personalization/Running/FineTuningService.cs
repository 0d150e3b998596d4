using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The service in the host: opens the registry and serves, takes samples in, and carries out runs.</summary>
internal sealed class FineTuningService(
    CurrentOptions options,
    ISampleStore store,
    ReferenceDataFactory reference,
    ITrainingTrigger trigger,
    ITrainingEngine engine,
    ModelRegistry registry,
    ModelServer server,
    VersionSwitch versions,
    SampleIngest ingest,
    SamplePump pump,
    RegistryWatch watch,
    FineTuningRun run,
    VersionWatch feedback,
    FineTuningMonitor monitor,
    DriftMonitor drift,
    TrainingSchedule schedule,
    TimeProvider time,
    ILogger<FineTuningService> logger) : BackgroundService, IFineTuningControl
{
    private readonly WakeUp _wakeUp = new();
    private readonly Lock _lock = new();
    private List<TaskCompletionSource<GateDecision>> _requests = [];
    private DataDirectoryLock? _directory;
    private ModelData? _data;
    private DateTimeOffset? _lastRun;
    private bool _ended;
    private volatile bool _begun;

    /// <summary>
    /// Returns when the current version is served, so that what starts after this service can use it. An unusable model stops the host.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(Open, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            ingest.Fail(error);
            throw;
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // A stop that comes before the work has begun lets it not begin at all, and so not end either.
        if (!_begun)
        {
            ingest.Close();
            End();
        }
    }

    public override void Dispose()
    {
        _directory?.Dispose();
        base.Dispose();
    }

    public async Task<GateDecision> RequestRunAsync(CancellationToken cancellationToken = default)
    {
        var request = new TaskCompletionSource<GateDecision>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended)
                throw new OperationCanceledException("The fine-tuning service has stopped.");
            _requests.Add(request);
        }

        _wakeUp.Set();
        return await request.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<ModelVersion> PromoteAsync(string version, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        return versions.PromoteAsync(version, cancellationToken);
    }

    public Task<ModelVersion> RollBackAsync(CancellationToken cancellationToken = default) => versions.RollBackAsync(cancellationToken);

    public Task PauseAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return schedule.Permit.PauseAsync(reason, cancellationToken);
    }

    public Task ResumeAsync(CancellationToken cancellationToken = default) => schedule.Permit.ResumeAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _begun = true;
        var pumping = Task.Run(() => pump.RunAsync(_wakeUp.Set), CancellationToken.None);
        var watching = Task.Run(() => watch.RunAsync(stoppingToken), CancellationToken.None);
        var counting = Task.Run(() => feedback.RunAsync(stoppingToken), CancellationToken.None);
        var checking = Task.CompletedTask;
        using var interval = time.CreateTimer(_ => _wakeUp.Set(), null, options.Value.TriggerInterval, options.Value.TriggerInterval);
        options.Changed += Follow;
        try
        {
            await schedule.Permit.CheckAsync(stoppingToken).ConfigureAwait(false);
            checking = Task.Run(() => schedule.Permit.RunAsync(stoppingToken), CancellationToken.None);
            await RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.ServiceStopped(logger);
        }
        finally
        {
            options.Changed -= Follow;
            ingest.Close();
            await pumping.ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            await counting.ConfigureAwait(false);
            await checking.ConfigureAwait(false);
            End();
        }

        void Follow()
        {
            interval.Change(options.Value.TriggerInterval, options.Value.TriggerInterval);
            _wakeUp.Set();
        }
    }

    private void Open()
    {
        _directory = DataDirectoryLock.Take(options.Value.DataDirectory);
        AtomicFile.RemoveLeftovers(options.Value.DataDirectory);
        var current = registry.Open(options.Value.ModelPath, model => _ = engine.Describe(model));
        _data = ModelData.Load(engine.Describe(registry.ReadModel(current)), reference);
        drift.Open(_data.Schema);
        server.SwapTo(current);
        feedback.Open(_data.Schema, current);
        ingest.Open(_data.Schema);
        schedule.Permit.Open();
        schedule.Interval.Open(registry.Versions.Where(static version => version.Parent is not null).Max(static version => (DateTimeOffset?)version.Created));
        monitor.Served(current, "start");
        Log.ServiceStarted(logger, current.Label, registry.Versions.Count);
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        bool interrupted = true, failed = false, prepares = false;
        List<TaskCompletionSource<GateDecision>> requests = [];
        while (true)
        {
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
                    await _wakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
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

                    prepared = await run.FindInterruptedAsync(_data!, stoppingToken).ConfigureAwait(false);
                }

                interrupted = false;
                if (prepared is null)
                {
                    prepares = true;
                    if (requests.Count == 0)
                        await WaitForStartAsync(stoppingToken).ConfigureAwait(false);
                    await WaitForPermitAsync(stoppingToken).ConfigureAwait(false);
                    requests.AddRange(TakeRequests());
                    prepared = await run.PrepareAsync(_data!, stoppingToken).ConfigureAwait(false);
                    prepares = false;
                }

                if (await ExecuteAsync(prepared.Value.Record, prepared.Value.Samples, stoppingToken).ConfigureAwait(false) is not { } decision)
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
                Log.RunFailed(logger, error);
                monitor.Failed(error.Message);
                // Whoever asks while a run goes on asks for the next one; but where none could begin, all have their answer.
                if (prepares)
                    requests.AddRange(TakeRequests());
                prepares = false;
                requests.ForEach(request => request.TrySetException(error));
            }

            requests = [];
            _lastRun = time.GetUtcNow();
            schedule.Interval.RunEnded();
        }
    }

    /// <summary>Carries a run out; null when it was let go because it paused for long.</summary>
    private async Task<GateDecision?> ExecuteAsync(RunRecord record, SampleSnapshot samples, CancellationToken stoppingToken)
    {
        using var lease = schedule.Hold.Begin(stoppingToken);
        try
        {
            return await run.ExecuteAsync(record, samples, _data!, lease.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lease.IsReleased && !stoppingToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits until a run that failed may be tried again, or someone asks for it.</summary>
    private async Task<List<TaskCompletionSource<GateDecision>>> WaitForRetryAsync(TimeSpan delay, string failure, CancellationToken stoppingToken)
    {
        if (monitor.State != FineTuningState.Failed)
            monitor.Failed(failure);
        long started = time.GetTimestamp();
        using var due = time.CreateTimer(_ => _wakeUp.Set(), null, delay, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var requests = TakeRequests();
            if (requests.Count > 0 || time.GetElapsedTime(started) >= delay)
                return requests;
            await _wakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
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
            bool requested;
            lock (_lock)
                requested = _requests.Count > 0;
            var context = new TriggerContext(samples, time.GetUtcNow(), _lastRun);
            if (requested || (schedule.Interval.HasPassed && await trigger.ShouldStartAsync(context, stoppingToken).ConfigureAwait(false)))
                return;
            await _wakeUp.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private List<TaskCompletionSource<GateDecision>> TakeRequests()
    {
        lock (_lock)
        {
            var taken = _requests;
            _requests = [];
            return taken;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _ended = true;
            _requests.ForEach(static request => request.TrySetCanceled());
            _requests = [];
        }

        _directory?.Dispose();
        monitor.Complete();
    }
}
