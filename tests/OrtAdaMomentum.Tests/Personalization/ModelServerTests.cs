using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class ModelServerTests : IDisposable
{
    private readonly Registries _files = new();
    private readonly FineTuningMetrics _metrics = new();
    private readonly ModelRegistry _registry;
    private readonly ModelServer _server;

    public ModelServerTests()
    {
        _registry = _files.Open();
        _server = new ModelServer(_registry, threads: 1, _metrics, Parts.Drift(_metrics));
    }

    public void Dispose()
    {
        _server.Dispose();
        _metrics.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void Nothing_is_lent_before_the_start()
    {
        var error = Assert.Throws<InvalidOperationException>(_server.Acquire);
        Assert.Contains("has not started yet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_plan_of_memory_is_kept_for_each_extent_that_requests_have()
    {
        _server.Open(SampleSchema.Of(TinyClassifier.Manifest));
        Assert.True(_server.PlansMemory);
        _server.Open(SequenceReader.Schema());
        Assert.False(_server.PlansMemory);
        _server.SwapTo(_registry.Current);
        using var lease = _server.Acquire();
        Assert.Equal(0, lease.Version.Number);
    }

    [Fact]
    public void A_lease_keeps_its_session_over_a_swap()
    {
        _server.SwapTo(_registry.Current);
        var lease = _server.Acquire();
        var other = Registries.Promote(_registry, 1);
        _server.SwapTo(other);

        Assert.Equal(2, _server.LiveSessions);
        Assert.Equal(0, lease.Version.Number);
        Assert.Equal(["x"], lease.Session.InputNames);
        using (var later = _server.Acquire())
            Assert.Equal(other.Id, later.Version.Id);

        lease.Dispose();
        lease.Dispose();
        Assert.Equal(1, _server.LiveSessions);
        Assert.Throws<ObjectDisposedException>(() => lease.Session);
    }

    [Fact]
    public void Ending_waits_for_leases_to_dispose_the_session()
    {
        _server.SwapTo(_registry.Current);
        using (_server.Acquire())
        {
            _server.Dispose();
            Assert.Equal(1, _server.LiveSessions);
            Assert.Throws<InvalidOperationException>(_server.Acquire);
        }

        Assert.Equal(0, _server.LiveSessions);
    }

    [Fact]
    public void A_version_that_cannot_be_loaded_leaves_the_served_one()
    {
        _server.SwapTo(_registry.Current);
        var broken = _registry.Commit([1, 2, 3], _registry.Current, Registries.Decision(true));

        Assert.Throws<FineTuningException>(() => _server.SwapTo(broken));
        Assert.Equal(0, _server.Version.Number);
        Assert.Equal(1, _server.LiveSessions);
    }

    [Fact]
    public async Task No_request_fails_while_versions_are_swapped_under_load()
    {
        const int swaps = 60;
        var versions = new[] { _registry.Current, _registry.Commit(TinyClassifier.Model(5), _registry.Current, Registries.Decision(true)) };
        _server.SwapTo(versions[0]);
        var predictor = new Predictor(_server, _metrics, Parts.Drift(_metrics), TimeProvider.System);
        var inputs = new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([1, 0], 2) };
        using var stop = new CancellationTokenSource();
        using var started = new CountdownEvent(4);
        var requests = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                int answered = 0;
                while (!stop.IsCancellationRequested)
                {
                    var prediction = predictor.Predict(inputs);
                    // The answer has to be that of the version it is said to come from.
                    float expected = prediction.Version.Id == versions[0].Id ? 0 : 5;
                    Assert.Equal(expected, prediction.Output.Values<float>()[0]);
                    if (answered++ == 0)
                        started.Signal();
                }

                return answered;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToList();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        for (int swap = 1; swap <= swaps; swap++)
        {
            _server.SwapTo(versions[swap % 2]);
            Assert.InRange(_server.LiveSessions, 1, 6); // the served one and one for each request under way, and the one being exchanged
        }

        await stop.CancelAsync();
        int[] answers = await Task.WhenAll(requests);
        Assert.All(answers, static count => Assert.True(count > 1));
        Assert.Equal(1, _server.LiveSessions);
    }
}
