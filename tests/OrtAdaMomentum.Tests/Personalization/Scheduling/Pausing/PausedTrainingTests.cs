using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;

/// <summary>Pauses of the service while it really trains: whatever happens, the model that comes out has the bytes of an undisturbed run.</summary>
public sealed class PausedTrainingTests : IDisposable
{
    private const int PauseAt = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly SwitchCondition _condition = new();
    private SteppedEngine? _engine;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lost_condition_pauses_within_the_step_and_the_result_is_that_of_an_undisturbed_run()
    {
        byte[] undisturbed = await UndisturbedAsync();
        await using var host = await StartAsync();
        var run = await PauseAtStepAsync(host);

        Assert.Equal(Enumerable.Range(1, PauseAt), _engine!.Steps);
        Assert.Equal([new PauseReason("switch", SwitchCondition.Reason)], host.Monitor.PauseReasons);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(FineTuningState.Paused, host.Monitor.State);

        await MeetAsync(host);
        await run;
        Assert.Equal(1, _engine.Calls);
        Assert.Equal(undisturbed, Candidate(host));
        Assert.Empty(host.Monitor.PauseReasons);
    }

    [Fact]
    public async Task A_long_pause_frees_the_memory_and_the_run_goes_on_from_its_checkpoint_to_the_same_result()
    {
        byte[] undisturbed = await UndisturbedAsync();
        await using var host = await StartAsync();
        var run = await PauseAtStepAsync(host);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(() => _engine!.CallsUnderWay == 0);
        Assert.True(File.Exists(_folder["data", "run", "checkpoint"]));
        Assert.Equal(FineTuningState.Paused, host.Monitor.State);
        Assert.False(run.IsCompleted);

        await MeetAsync(host);
        await run;
        Assert.Equal(2, _engine!.Calls);
        Assert.Equal(Enumerable.Range(1, _engine.Steps.Length), _engine.Steps);
        Assert.Equal(undisturbed, Candidate(host));
    }

    [Fact]
    public async Task A_stop_during_a_pause_leaves_a_checkpoint_and_the_next_process_ends_with_the_same_result()
    {
        byte[] undisturbed = await UndisturbedAsync();
        int[] before;
        await using (var host = await StartAsync())
        {
            var run = await PauseAtStepAsync(host);
            await host.StopAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
            before = _engine!.Steps;
        }

        Assert.True(File.Exists(_folder["data", "run", "checkpoint"]));
        await using var again = await StartAsync();
        await UntilAsync(() => again.Monitor.State == FineTuningState.Paused);
        Assert.Empty(_engine!.Steps);

        await MeetAsync(again);
        await UntilAsync(() => again.Registry.Versions.Count == 2);
        Assert.Equal(Enumerable.Range(1, before.Length + _engine.Steps.Length), before.Concat(_engine.Steps));
        Assert.Equal(undisturbed, Candidate(again));
    }

    [Fact]
    public async Task No_run_starts_while_a_condition_is_not_met_and_the_state_says_why()
    {
        _condition.IsMet = false;
        await using var host = await StartAsync();
        var paused = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Paused);
        await host.AddAsync(TinyClassifier.Samples(60));
        await paused;
        Assert.False(Directory.Exists(_folder["data", "run"]));
        Assert.Equal(0, _engine!.Calls);

        // What comes until then is trained on too.
        await host.AddAsync(TinyClassifier.Samples(60, seed: 2));
        await MeetAsync(host);
        await UntilAsync(() => host.Registry.Versions.Count == 2);
        Assert.Equal(0, (await host.Get<ISampleStore>().CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task A_pause_by_hand_survives_a_restart_and_holds_a_requested_run_up()
    {
        await using (var host = await StartAsync())
        {
            await host.AddAsync(TinyClassifier.Samples(30));
            await host.Control.PauseAsync("the lab is in use", Cancelled);
        }

        await using var again = await StartAsync();
        Assert.Equal([new PauseReason("manual", "the lab is in use")], again.Monitor.PauseReasons);
        var run = again.Control.RequestRunAsync(Cancelled);
        await UntilAsync(() => again.Monitor.State == FineTuningState.Paused);
        Assert.Equal(0, _engine!.Calls);
        await again.Control.ResumeAsync(Cancelled);
        await run;
        Assert.Equal(1, _engine.Calls);
    }

    [Fact]
    public async Task The_next_run_waits_for_the_interval_unless_someone_asks_for_it()
    {
        await using var host = await StartAsync(static options => options.Conditions.MinimumInterval = TimeSpan.FromHours(6));
        await host.AddAsync(TinyClassifier.Samples(60));
        await UntilAsync(() => host.Registry.Versions.Count == 2 && host.Monitor.State == FineTuningState.Idle);
        await host.AddAsync(TinyClassifier.Samples(60, seed: 2));
        for (int minute = 0; minute < 6 * 60 - 1; minute++)
            host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _engine!.Calls);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() => _engine.Calls == 2 && host.Monitor.State == FineTuningState.Idle);

        await host.AddAsync(TinyClassifier.Samples(1, seed: 3));
        await host.Control.RequestRunAsync(Cancelled);
        Assert.Equal(3, _engine.Calls);
    }

    [Fact]
    public async Task A_pause_is_measured_and_its_events_tell_it()
    {
        var measured = new List<(string Name, double Value)>();
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name is "ortadamomentum.training.paused" or "ortadamomentum.training.pause.duration")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        await using var host = await StartAsync(static options => options.Conditions.ResumeAfter = TimeSpan.FromSeconds(40), name: "measured");
        meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.Start();
        var events = new List<FineTuningEvent>();
        var watched = new TaskCompletionSource();
        var watching = Task.Run(async () =>
        {
            await foreach (var happened in host.Monitor.WatchAsync(Cancelled))
            {
                watched.TrySetResult();
                if (happened is PauseReasonsChanged)
                    events.Add(happened);
            }
        }, Cancelled);
        await watched.Task;
        var run = await PauseAtStepAsync(host);
        await MeetAsync(host, seconds: 40);
        await run;
        await host.StopAsync();
        await watching;

        Assert.Equal(
            [("ortadamomentum.training.paused", 1.0), ("ortadamomentum.training.pause.duration switch", 40.0), ("ortadamomentum.training.paused", 0.0)], measured);
        Assert.Equal(["switch", "settling", ""], events.Select(static happened =>
            string.Join(',', ((PauseReasonsChanged)happened).Reasons.Select(static reason => reason.Condition))));

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary();
            if (named["model"] is "measured")
                measured.Add(($"{instrument.Name} {named.GetValueOrDefault("condition")}".Trim(), value));
        }
    }

    /// <summary>The candidate of a run that nothing held up.</summary>
    private async Task<byte[]> UndisturbedAsync()
    {
        using var folder = new TemporaryFolder();
        await using var host = await StartAsync(folder: folder);
        await host.AddAsync(TinyClassifier.Samples(45));
        await host.Control.RequestRunAsync(Cancelled);
        Assert.True(_engine!.Steps.Length > PauseAt + 3);
        return Candidate(host);
    }

    private async Task<Task> PauseAtStepAsync(ServiceHost host)
    {
        _engine!.AfterStep = step =>
        {
            if (step != PauseAt)
                return;
            _condition.IsMet = false;
            CheckAsync(host).GetAwaiter().GetResult();
        };
        await host.AddAsync(TinyClassifier.Samples(45));
        var run = host.Control.RequestRunAsync(Cancelled);
        await UntilAsync(() => host.Monitor.State == FineTuningState.Paused);
        return run;
    }

    private async Task MeetAsync(ServiceHost host, int seconds = 30)
    {
        _condition.IsMet = true;
        await CheckAsync(host);
        Assert.Equal(FineTuningState.Paused, host.Monitor.State);
        host.Time.Advance(TimeSpan.FromSeconds(seconds));
        await CheckAsync(host);
    }

    private static Task CheckAsync(ServiceHost host) => host.Part<TrainingPermit>().CheckAsync(Cancelled).AsTask();

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancelled);
    }

    private static byte[] Candidate(ServiceHost host) => host.Registry.ReadModel(host.Registry.Versions[1]);

    private async Task<ServiceHost> StartAsync(
        Action<FineTuningServiceOptions>? configure = null, TemporaryFolder? folder = null, string name = FineTuningModel.DefaultName)
    {
        var host = await ServiceHost.StartAsync(
            folder ?? _folder,
            options =>
            {
                (options.Epochs, options.BatchSize, options.CheckpointEverySteps) = (4, 8, 3);
                configure?.Invoke(options);
            },
            build: builder =>
            {
                builder.AddCondition(_ => _condition);
                builder.Services.RemoveAllKeyed<ITrainingEngine>(builder.Name);
                builder.Services.AddKeyedSingleton<ITrainingEngine>(builder.Name, (provider, key) => _engine = new SteppedEngine(new TrainingEngine(
                    provider.GetRequiredKeyedService<CurrentOptions>(key),
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredKeyedService<TrainingPace>(key),
                    provider.GetRequiredKeyedService<MemoryBudget>(key))));
            },
            name: name);
        await UntilAsync(() => host.Part<TrainingPermit>().Reasons.All(static reason => reason.Condition != PauseReason.Settling));
        return host;
    }
}
