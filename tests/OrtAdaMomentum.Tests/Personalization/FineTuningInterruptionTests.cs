using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>Stops and crashes of the service, with training that the tests decide about.</summary>
public sealed class FineTuningInterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private readonly InMemorySampleStore _store = new(1000);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stop_ends_training_and_a_restart_goes_on_with_the_same_samples()
    {
        await StopWhileTrainingAsync();
        Assert.True(File.Exists(_folder["data", "run", "run.json"]));

        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var host = await StartAsync(_store);
        Assert.True((await FirstDecisionAsync(host)).Decision.Promote);

        Assert.Equal(2, _engine.Jobs.Count);
        Assert.Equal(_engine.Jobs[0].Seed, _engine.Jobs[1].Seed);
        Assert.Equal(_engine.Jobs[0].CheckpointPath, _engine.Jobs[1].CheckpointPath);
        Assert.Equal(Values(_engine.Jobs[0]), Values(_engine.Jobs[1]));
    }

    [Fact]
    public async Task The_store_of_the_data_folder_gives_a_restarted_service_its_samples_back()
    {
        _engine.During = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
        await using (var host = await ServiceHost.StartAsync(_folder, engine: _engine))
        {
            var training = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Training);
            await host.AddAsync(TinyClassifier.Samples(50));
            await training;
        }

        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var again = await ServiceHost.StartAsync(_folder, engine: _engine);
        Assert.True((await FirstDecisionAsync(again)).Decision.Promote);

        Assert.True(File.Exists(_folder["data", "samples.db"]));
        Assert.Equal(Values(_engine.Jobs[0]), Values(_engine.Jobs[1]));
        var counts = await again.Get<ISampleStore>().CountAsync(Cancelled);
        Assert.Equal((50, 0), (counts.Total, counts.New));
    }

    [Fact]
    public async Task A_run_whose_samples_are_gone_is_given_up_cleanly()
    {
        await StopWhileTrainingAsync();

        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var host = await StartAsync(new InMemorySampleStore(1000));
        await host.AddAsync(TinyClassifier.Samples(50, seed: 3));
        await FirstDecisionAsync(host);

        Assert.NotEqual(Values(_engine.Jobs[0]), Values(_engine.Jobs[1]));
        Assert.False(Directory.Exists(_folder["data", "run"]));
    }

    [Fact]
    public async Task A_run_with_other_options_is_given_up_and_a_new_one_starts_on_its_samples()
    {
        await StopWhileTrainingAsync();
        string before = File.ReadAllText(_folder["data", "run", "run.json"]);

        string after = "";
        _engine.During = async (_, _, token) => after = await File.ReadAllTextAsync(_folder["data", "run", "run.json"], token);
        await using var host = await StartAsync(_store, static options => options.LearningRate = 0.5);
        await FirstDecisionAsync(host);

        Assert.Equal(Values(_engine.Jobs[0]), Values(_engine.Jobs[1]));
        Assert.Contains("lr=0.0001", before, StringComparison.Ordinal);
        Assert.Contains("lr=0.5", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"id\":")]
    public async Task A_run_with_a_damaged_record_is_given_up_and_its_samples_are_used_anew(string content)
    {
        await StopWhileTrainingAsync();
        File.WriteAllText(_folder["data", "run", "run.json"], content);
        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var host = await StartAsync(_store);

        Assert.True((await FirstDecisionAsync(host)).Decision.Promote);
        Assert.Equal(2, _engine.Jobs.Count);
        Assert.Equal(Values(_engine.Jobs[0]), Values(_engine.Jobs[1]));
    }

    [Fact]
    public async Task Who_waits_for_a_run_or_brings_samples_is_told_of_the_stop()
    {
        _engine.During = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
        await using var host = await StartAsync(_store);
        await host.AddAsync(TinyClassifier.Samples(30));
        var training = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Training);
        var first = host.Control.RequestRunAsync(Cancelled);
        await training;
        var second = host.Control.RequestRunAsync(Cancelled);
        await host.StopAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Control.RequestRunAsync(Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.AddAsync(TinyClassifier.Samples(1, seed: 5)));
    }

    private async Task StopWhileTrainingAsync()
    {
        _engine.During = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
        await using var host = await StartAsync(_store);
        var training = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Training);
        await host.AddAsync(TinyClassifier.Samples(50));
        await training;
        await host.StopAsync();
    }

    private Task<ServiceHost> StartAsync(ISampleStore store, Action<FineTuningServiceOptions>? configure = null) =>
        ServiceHost.StartAsync(_folder, configure, _engine, store);

    /// <summary>The first decision, also if it was made before anyone could watch.</summary>
    private static async Task<CandidateDecided> FirstDecisionAsync(ServiceHost host)
    {
        await foreach (var happened in host.Monitor.WatchAsync(Cancelled))
        {
            if (happened is StateChanged { State: FineTuningState.Idle } && host.Monitor.Decisions.Count > 0)
                break;
        }

        return host.Monitor.Decisions[0];
    }

    private static float[] Values(TrainingJob job)
    {
        var values = new float[job.Data.Count * 2];
        job.Data.Read("x", [.. Enumerable.Range(0, job.Data.Count)], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
