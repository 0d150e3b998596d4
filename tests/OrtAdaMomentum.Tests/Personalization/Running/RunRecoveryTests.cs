using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Running;

/// <summary>Ends of the process at every change of a run, and runs that fail.</summary>
public sealed class RunRecoveryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new() { IsRepeatable = true };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Wherever_the_process_ends_the_next_one_comes_to_the_same_version_once()
    {
        var changes = new List<string>();
        string undisturbed = await RunAsync(_folder, new FakeEngine { IsRepeatable = true }, (_, change) => changes.Add(change));
        string[] expected = ["Training, attempt 0", "Training, attempt 1", "Evaluating, attempt 1", "Deciding, attempt 1", "Candidate v1", "Version v1", "is over"];
        Assert.Equal(expected.Length, changes.Count);
        Assert.All(expected.Zip(changes), static pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));

        for (int ends = 0; ends < changes.Count; ends++)
        {
            using var before = new TemporaryFolder();
            using var after = new TemporaryFolder();
            int end = ends;
            await RunAsync(before, new FakeEngine { IsRepeatable = true }, (change, _) =>
            {
                if (change == end)
                    Transitions.Copy(before["data"], after["data"]);
            });

            var engine = new FakeEngine { IsRepeatable = true };
            int switches = 0;
            await using var host = await StartAsync(after, engine, (_, change) => switches += change.StartsWith("Version v1", StringComparison.Ordinal) ? 1 : 0);
            await DecidedAsync(host);

            Assert.Equal(undisturbed, host.Registry.Current.Id);
            Assert.Equal(2, host.Registry.Versions.Count);
            Assert.True(host.Registry.Current.Decision!.Promote);
            // Trained again only where the candidate was not written yet; promoted only where it was not yet.
            Assert.Equal((ends < 2 ? 1 : 0, ends < 5 ? 1 : 0), (engine.Jobs.Count, switches));
            var counts = await host.Get<ISampleStore>().CountAsync(Cancelled);
            Assert.Equal((50, 0), (counts.Total, counts.New));
            Assert.False(Directory.Exists(after["data", "run"]));

            // And then all goes on as usual.
            await host.AddAsync(TinyClassifier.Samples(5, seed: 4));
            Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
            Assert.Equal(2, host.Registry.Current.Number);
        }
    }

    [Fact]
    public async Task A_candidate_that_was_left_before_the_process_ended_is_not_promoted_again()
    {
        using var after = new TemporaryFolder();
        ServiceHost? host = null;
        await using (host = await StartAsync(_folder, _engine, (_, change) =>
        {
            // The run is over but for its record, and meanwhile someone rolls back.
            if (!change.EndsWith("its samples count as used.", StringComparison.Ordinal))
                return;
            host!.Control.RollBackAsync(Cancelled).GetAwaiter().GetResult();
            Transitions.Copy(_folder["data"], after["data"]);
        }))
        {
            await host.AddAsync(TinyClassifier.Samples(30));
            await host.Control.RequestRunAsync(Cancelled);
        }

        await using var again = await StartAsync(after, _engine);
        await DecidedAsync(again);
        Assert.Equal(0, again.Registry.Current.Number);
        Assert.Contains("is the same as version v1-", again.Monitor.Decisions[0].Decision.Reason, StringComparison.Ordinal);

        // Nor when a new run comes to the same model.
        await again.AddAsync(TinyClassifier.Samples(10, seed: 2));
        Assert.False((await again.Control.RequestRunAsync(Cancelled)).Promote);
        Assert.Equal(0, again.Registry.Current.Number);
    }

    [Fact]
    public async Task A_decided_candidate_is_not_promoted_when_another_version_was_chosen_meanwhile()
    {
        using var after = new TemporaryFolder();
        await RunAsync(_folder, _engine, (_, change) =>
        {
            if (change.StartsWith("Candidate v1", StringComparison.Ordinal))
                Transitions.Copy(_folder["data"], after["data"]);
        });
        // Another base model is installed before the restart, so that the candidate belongs to a line that is over.
        TinyClassifier.Write(after, slant: 50, producer: "another");

        await using var host = await StartAsync(after, _engine);
        await DecidedAsync(host);
        Assert.Equal(2, host.Registry.Current.Number);
        Assert.False(host.Registry.Versions[1].Accepted);
        Assert.Contains("while the candidate was trained", host.Registry.Versions[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_ends_the_process_again_and_again_is_given_up()
    {
        string data = _folder["data"];
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            string left = _folder[$"left-{attempt}"];
            var copied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int now = attempt;
            _engine.During = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
            await using var host = await StartAsync(_folder, _engine, (_, change) =>
            {
                if (!change.EndsWith($"Training, attempt {now}.", StringComparison.Ordinal))
                    return;
                Transitions.Copy(data, left);
                copied.TrySetResult();
            }, options => (options.DataDirectory, options.Failure.MaximumAttempts) = (data, 3));
            if (attempt == 1)
                await host.AddAsync(TinyClassifier.Samples(50));
            await copied.Task.WaitAsync(Cancelled);
            data = left;
        }

        _engine.During = static (_, _, _) => Task.CompletedTask;
        int jobs = _engine.Jobs.Count;
        await using var last = await StartAsync(_folder, _engine, null, options => (options.DataDirectory, options.Failure.MaximumAttempts) = (data, 3));
        await UntilAsync(last, () => last.Monitor.Problems.Count > 0);

        var problem = Assert.Single(last.Monitor.Problems);
        Assert.Equal(FineTuningProblemKind.Training, problem.Kind);
        Assert.Contains("was given up (tried 3 times, at last: the process ended)", problem.Message, StringComparison.Ordinal);
        Assert.Equal((50, 0), await CountsAsync(last));
        Assert.Equal(jobs, _engine.Jobs.Count);

        await last.AddAsync(TinyClassifier.Samples(5, seed: 4));
        Assert.True((await last.Control.RequestRunAsync(Cancelled)).Promote);
        Assert.Empty(last.Monitor.Problems);
    }

    [Fact]
    public async Task A_stop_is_no_failed_attempt()
    {
        using var training = new SemaphoreSlim(0);
        _engine.During = (_, _, token) =>
        {
            training.Release();
            return Task.Delay(Timeout.Infinite, token);
        };
        for (int stop = 0; stop < 7; stop++)
        {
            await using var host = await StartAsync(_folder, _engine);
            if (stop == 0)
                await host.AddAsync(TinyClassifier.Samples(50));
            await training.WaitAsync(Cancelled);
        }

        Assert.Contains("\"attempts\": 0", await File.ReadAllTextAsync(_folder["data", "run", "run.json"], Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_gets_on_is_not_given_up_however_often_it_is_interrupted()
    {
        _engine.During = (job, progress, _) =>
        {
            File.WriteAllText(job.CheckpointPath, "one more step");
            progress(FakeEngine.Step(1));
            return Task.Delay(Timeout.Infinite, CancellationToken.None);
        };
        using var left = new TemporaryFolder();
        await using (var host = await StartAsync(_folder, _engine, (_, change) =>
        {
            if (change.EndsWith("Training, attempt 1.", StringComparison.Ordinal) && !Directory.Exists(left["data"]))
                Transitions.Copy(_folder["data"], left["data"]);
        }))
        {
            _engine.During = static (_, _, _) => Task.CompletedTask;
            await host.AddAsync(TinyClassifier.Samples(50));
            await DecidedAsync(host);
        }

        // Four attempts have ended the process; the fifth gets past a checkpoint and counts as the first.
        string record = left["data", "run", "run.json"];
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, Cancelled)).Replace("\"attempts\": 1", "\"attempts\": 4", StringComparison.Ordinal), Cancelled);
        var attempts = new List<string>();
        _engine.During = static (job, progress, _) =>
        {
            File.WriteAllText(job.CheckpointPath, "one more step");
            progress(FakeEngine.Step(1));
            return Task.CompletedTask;
        };
        await using var again = await StartAsync(left, _engine, (_, change) => attempts.Add(change));
        await DecidedAsync(again);
        Assert.EndsWith("Training, attempt 5.", attempts[0], StringComparison.Ordinal);
        Assert.EndsWith("Training, attempt 1.", attempts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_fails_is_tried_again_after_ever_longer_delays_and_then_given_up()
    {
        _engine.During = static (_, _, _) => throw new IOException("disk full");
        await using var host = await StartAsync(_folder, _engine, null, static options => options.Failure.MaximumAttempts = 3);
        await host.AddAsync(TinyClassifier.Samples(50));
        await UntilAsync(host, () => host.Monitor.State == FineTuningState.Failed && _engine.Jobs.Count == 1);
        Assert.Contains("A run fails: disk full. It is tried again", Assert.Single(host.Monitor.Problems).Message, StringComparison.Ordinal);

        foreach (int minutes in new[] { 1, 2 })
        {
            int jobs = _engine.Jobs.Count;
            host.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            await host.AddAsync(TinyClassifier.Samples(1, seed: 10 + minutes)); // what comes in does not shorten it
            Assert.Equal(jobs, _engine.Jobs.Count);
            var failed = host.NextAsync<RunFailed>();
            // More than one where the loop had not begun to wait when the time passed.
            do
                host.Time.Advance(TimeSpan.FromSeconds(1));
            while (await Task.WhenAny(failed, Task.Delay(50, Cancelled)) != failed);
            await failed;
            Assert.Equal(jobs + 1, _engine.Jobs.Count);
        }

        Assert.Contains("was given up (tried 3 times, at last: disk full)", Assert.Single(host.Monitor.Problems).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["data", "run"]));
        Assert.Equal((52, 2), await CountsAsync(host));
    }

    [Fact]
    public async Task A_restart_does_not_shorten_the_delay_and_a_clock_put_back_does_not_lengthen_it_for_long()
    {
        _engine.During = static (_, _, _) => throw new IOException("disk full");
        await using (var host = await StartAsync(_folder, _engine))
        {
            await host.AddAsync(TinyClassifier.Samples(50));
            await UntilAsync(host, () => host.Monitor.State == FineTuningState.Failed);
        }

        string record = _folder["data", "run", "run.json"];
        // As if the clock had been a year ahead when it failed.
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, Cancelled)).Replace("\"notBefore\": \"2000-", "\"notBefore\": \"2001-", StringComparison.Ordinal), Cancelled);
        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var again = await StartAsync(_folder, _engine);
        await UntilAsync(again, () => again.Monitor.State == FineTuningState.Failed);
        Assert.Equal("disk full", again.Monitor.LatestFailure!.Message);
        Assert.Single(_engine.Jobs);

        again.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(again, () => again.Monitor.State == FineTuningState.Idle);
        Assert.Equal(2, _engine.Jobs.Count);
        Assert.Null(again.Monitor.LatestFailure);
    }

    private static async Task<string> RunAsync(TemporaryFolder folder, FakeEngine engine, Action<int, string> reached)
    {
        await using var host = await StartAsync(folder, engine, reached);
        await host.AddAsync(TinyClassifier.Samples(50));
        await DecidedAsync(host);
        return host.Registry.Current.Id;
    }

    private static async Task<ServiceHost> StartAsync(
        TemporaryFolder folder, FakeEngine engine, Action<int, string>? reached = null, Action<FineTuningServiceOptions>? configure = null)
    {
        var transitions = new Transitions(reached ?? (static (_, _) => { }));
        return await ServiceHost.StartAsync(
            folder, configure, engine, build: builder => builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(transitions)));
    }

    private static async Task<(int Total, int New)> CountsAsync(ServiceHost host)
    {
        var counts = await host.Get<ISampleStore>().CountAsync(Cancelled);
        return (counts.Total, counts.New);
    }

    private static Task DecidedAsync(ServiceHost host) => UntilAsync(host, () =>
    {
        Assert.False(host.Monitor.State == FineTuningState.Failed, host.Monitor.LatestFailure?.Message);
        return host.Monitor.State == FineTuningState.Idle && host.Monitor.Decisions.Count > 0;
    });

    /// <summary>Looks at whatever happens until a condition is met.</summary>
    private static async Task UntilAsync(ServiceHost host, Func<bool> condition)
    {
        await foreach (var _ in host.Monitor.WatchAsync(Cancelled))
        {
            if (condition())
                return;
        }
    }
}
