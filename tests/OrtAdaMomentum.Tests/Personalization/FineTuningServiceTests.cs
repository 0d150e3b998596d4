using Microsoft.Extensions.Options;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>The service with training that the tests decide about.</summary>
public sealed class FineTuningServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_starts_when_enough_new_samples_are_there_and_not_before()
    {
        await using var host = await StartAsync();
        var samples = TinyClassifier.Samples(50).ToList();
        await host.AddAsync(samples.Take(49));
        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_engine.Jobs);

        var decided = host.NextAsync<CandidateDecided>();
        await host.AddAsync(samples.Skip(49));
        Assert.True((await decided).Decision.Promote);

        var job = Assert.Single(_engine.Jobs);
        Assert.Equal(samples.Count(static sample => SampleSplit.RoleOf(sample.Key, 0.2) == SampleRole.Training), job.Data.Count);
    }

    [Fact]
    public async Task A_better_candidate_is_promoted_and_served()
    {
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));
        Assert.Equal(0, Predict(host).Version.Number);

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.True(decision.Promote);
        Assert.Equal((1, 10f), (Predict(host).Version.Number, Predict(host).Output.Values<float>()[0]));
        Assert.Equal(decision, Assert.Single(host.Monitor.Decisions).Decision);
        Assert.False(Directory.Exists(_folder["data", "run"]));
    }

    [Fact]
    public async Task A_worse_candidate_is_kept_but_not_served_until_someone_promotes_it_by_hand()
    {
        _engine.Accuracy = static slant => 0.5 - slant / 100;
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.False(decision.Promote);
        Assert.Contains("accuracy on", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(0, Predict(host).Version.Number);
        var candidate = Assert.Single(host.Registry.Versions, static version => !version.Accepted);

        await host.Control.PromoteAsync(candidate.Id, Cancelled);
        Assert.Equal(candidate.Id, Predict(host).Version.Id);

        await host.Control.RollBackAsync(Cancelled);
        Assert.Equal(0, Predict(host).Version.Number);
    }

    [Fact]
    public async Task Each_run_trains_from_the_version_that_is_current()
    {
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));
        await host.Control.RequestRunAsync(Cancelled);
        await host.Control.RequestRunAsync(Cancelled);

        var versions = host.Registry.Versions;
        Assert.Equal([null, versions[0].Id, versions[1].Id], versions.Select(static version => version.Parent));
        Assert.Equal(host.Registry.ReadModel(versions[1]), _engine.Jobs[1].Model);
        Assert.NotEqual(_engine.Jobs[0].Seed, _engine.Jobs[1].Seed);
    }

    [Fact]
    public async Task A_failed_run_changes_nothing_and_is_tried_again_at_once_when_someone_asks_for_it()
    {
        _engine.During = static (_, _, _) => throw new IOException("disk full");
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));

        var failed = host.NextAsync<RunFailed>();
        var error = await Assert.ThrowsAsync<IOException>(() => host.Control.RequestRunAsync(Cancelled));
        Assert.Equal("disk full", error.Message);
        Assert.Equal("disk full", (await failed).Message);
        Assert.Equal("disk full", host.Monitor.LatestFailure!.Message);
        Assert.Equal(0, Predict(host).Version.Number);
        Assert.True(Directory.Exists(_folder["data", "run"]));

        _engine.During = static (_, _, _) => Task.CompletedTask;
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        Assert.Null(host.Monitor.LatestFailure);
    }

    [Fact]
    public async Task A_run_without_samples_is_refused()
    {
        await using var host = await StartAsync();
        var error = await Assert.ThrowsAnyAsync<FineTuningException>(() => host.Control.RequestRunAsync(Cancelled));
        Assert.Equal("There are no samples to train on.", error.Message);
        Assert.Equal(FineTuningState.Idle, host.Monitor.State);
    }

    [Fact]
    public async Task Requests_are_answered_and_samples_taken_while_training()
    {
        var go = new TaskCompletionSource();
        _engine.During = (_, _, _) => go.Task;
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));
        var training = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Training);
        var run = host.Control.RequestRunAsync(Cancelled);
        await training;

        Assert.Equal(0, Predict(host).Version.Number);
        await host.AddAsync(TinyClassifier.Samples(30, seed: 2));
        Assert.False(run.IsCompleted);

        go.SetResult();
        await run;
        Assert.Equal(1, Predict(host).Version.Number);
        Assert.Equal(30, (await host.Get<ISampleStore>().CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task A_candidate_is_not_promoted_when_the_current_version_was_left_meanwhile()
    {
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(30));
        await host.Control.RequestRunAsync(Cancelled);
        _engine.During = async (_, _, token) => await host.Control.RollBackAsync(token);

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.False(decision.Promote);
        Assert.Contains("while the candidate was trained", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(0, Predict(host).Version.Number);
    }

    [Fact]
    public async Task Changes_by_hand_that_are_not_possible_say_why()
    {
        await using var host = await StartAsync();
        var unknown = await Assert.ThrowsAsync<FineTuningException>(() => host.Control.PromoteAsync("abc", Cancelled));
        Assert.StartsWith("There is no version 'abc'. Versions: v0-", unknown.Message, StringComparison.Ordinal);
        var nothing = await Assert.ThrowsAsync<FineTuningException>(() => host.Control.RollBackAsync(Cancelled));
        Assert.Contains("there is nothing to roll back to", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trigger_is_asked_at_every_interval()
    {
        var trigger = new SwitchTrigger();
        await using var host = await StartAsync(build: builder => builder.UseTrigger(_ => trigger));
        await host.AddAsync(TinyClassifier.Samples(30));
        Assert.Empty(_engine.Jobs);

        trigger.On = true;
        var decided = host.NextAsync<CandidateDecided>();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await decided;
        Assert.Single(_engine.Jobs);
    }

    [Fact]
    public async Task Rehearsal_samples_are_mixed_in_and_golden_samples_measured()
    {
        var reference = new ReferenceData(TinyClassifier.Dataset(40, seed: 8), TinyClassifier.Dataset(500, seed: 9));
        await using var host = await StartAsync(static options => options.ReplayShare = 0.75, build: builder => builder.UseReferenceData(_ => reference));
        var samples = TinyClassifier.Samples(30).ToList();
        await host.AddAsync(samples);

        var decision = await host.Control.RequestRunAsync(Cancelled);

        int training = samples.Count(static sample => SampleSplit.RoleOf(sample.Key, 0.2) == SampleRole.Training);
        Assert.Equal(4 * training, _engine.Jobs[0].Data.Count);
        Assert.Equal(40, decision.Candidate.Golden!.Count);
    }

    [Fact]
    public async Task Reference_data_that_does_not_fit_the_model_stops_the_host()
    {
        var reference = new ReferenceData(new OrtAdaMomentum.Training.Data.TensorDataset(1).Add("x", [1f, 2f, 3f], 3).Add("labels", [0L]), null);
        var error = await Assert.ThrowsAsync<OrtAdaMomentum.Training.Data.DatasetException>(
            () => StartAsync(build: builder => builder.UseReferenceData(_ => reference)));
        Assert.Equal("The golden data: a sample of 'x' has shape [3], but the model takes [2].", error.Message);
    }

    [Fact]
    public async Task Wrong_options_stop_the_host()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(static options => options.Epochs = options.BatchSize = 0));
        Assert.Equal(["Epochs must be at least 1, was 0.", "BatchSize must be at least 1, was 0."], error.Failures);
    }

    [Fact]
    public async Task A_file_that_is_no_model_stops_the_host()
    {
        File.WriteAllText(_folder["model.onnx"], "not a model");
        await Assert.ThrowsAsync<OrtAdaMomentum.Onnx.OnnxModelException>(() => StartAsync());
    }

    [Fact]
    public async Task The_version_promoted_last_is_served_after_a_restart()
    {
        await using (var host = await StartAsync())
        {
            await host.AddAsync(TinyClassifier.Samples(30));
            await host.Control.RequestRunAsync(Cancelled);
        }

        await using var again = await StartAsync();
        Assert.Equal(1, Predict(again).Version.Number);
    }

    private Task<ServiceHost> StartAsync(Action<FineTuningServiceOptions>? configure = null, Action<FineTuningBuilder>? build = null) =>
        ServiceHost.StartAsync(_folder, configure, _engine, build: build);

    private static Prediction Predict(ServiceHost host) =>
        host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([1, 0], 2) });

    private sealed class SwitchTrigger : ITrainingTrigger
    {
        public bool On { get; set; }

        public ValueTask<bool> ShouldStartAsync(TriggerContext context, CancellationToken cancellationToken)
        {
            bool start = On;
            On = false;
            return ValueTask.FromResult(start);
        }
    }
}
