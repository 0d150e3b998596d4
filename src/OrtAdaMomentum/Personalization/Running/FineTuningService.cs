using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The service in the host: opens the registry and serves, takes samples in, and carries out runs.</summary>
internal sealed class FineTuningService(
    CurrentOptions options,
    ReferenceDataFactory reference,
    ITrainingEngine engine,
    ModelRegistry registry,
    ModelServer server,
    VersionSwitch versions,
    SampleIngest ingest,
    SamplePump pump,
    RegistryWatch watch,
    RunLoop runs,
    VersionWatch feedback,
    FineTuningMonitor monitor,
    DriftMonitor drift,
    TrainingSchedule schedule,
    TimeProvider time,
    ILogger<FineTuningService> logger) : BackgroundService, IFineTuningControl
{
    private DataDirectoryLock? _directory;
    private ModelData? _data;
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

    public Task<GateDecision> RequestRunAsync(CancellationToken cancellationToken = default) => runs.Requests.AddAsync(cancellationToken);

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
        var pumping = Task.Run(() => pump.RunAsync(runs.WakeUp.Set), CancellationToken.None);
        var watching = Task.Run(() => watch.RunAsync(_directory!, stoppingToken), CancellationToken.None);
        var counting = Task.Run(() => feedback.RunAsync(stoppingToken), CancellationToken.None);
        var checking = Task.CompletedTask;
        using var interval = time.CreateTimer(_ => runs.WakeUp.Set(), null, options.Value.TriggerInterval, options.Value.TriggerInterval);
        options.Changed += Follow;
        try
        {
            await schedule.Permit.CheckAsync(stoppingToken).ConfigureAwait(false);
            checking = Task.Run(() => schedule.Permit.RunAsync(stoppingToken), CancellationToken.None);
            await runs.RunAsync(_data!, _directory!, stoppingToken).ConfigureAwait(false);
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
            runs.WakeUp.Set();
        }
    }

    private void Open()
    {
        _directory = DataDirectoryLock.TakeToServe(options.Value.DataDirectory, registry.VersionsDirectory);
        if (!_directory.IsHeld)
            Log.FolderNotWritable(logger, options.Value.DataDirectory);
        AtomicFile.RemoveLeftovers(options.Value.DataDirectory);
        var current = registry.Open(options.Value.ModelPath, model => _ = engine.Describe(model));
        _data = ModelData.Load(engine.Describe(registry.ReadModel(current)), reference);
        drift.Open(_data.Schema);
        server.Open(_data.Schema);
        server.SwapTo(current);
        if (_data.Schema.OpenAxes.Count > 0)
            _data.Schema.Trial = new ExtentTrial(server, _data.Schema.OpenAxes).Check;
        feedback.Open(_data.Schema, current);
        ingest.Open(_data.Schema, () => server.Version.Label);
        schedule.Permit.Open();
        schedule.Interval.Open(registry.Versions.Where(static version => version.Parent is not null).Max(static version => (DateTimeOffset?)version.Created));
        monitor.Served(current, "start");
        foreach (string note in _data.Schema.Notes)
            Log.ModelNoted(logger, note);
        Log.ServiceStarted(logger, current.Label, registry.Versions.Count);
    }

    private void End()
    {
        runs.Requests.End();
        drift.Flush();
        _directory?.Dispose();
        monitor.Complete();
    }
}
