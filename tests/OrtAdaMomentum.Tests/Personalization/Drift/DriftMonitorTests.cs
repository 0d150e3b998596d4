using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Drift;

public sealed class DriftMonitorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(5);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_like_the_first_ones_do_not_drift_and_others_do()
    {
        await using var host = await StartAsync();
        Ask(host, 500, shift: 0);
        Assert.Null(host.Monitor.Drift);
        Ask(host, 600, shift: 0);
        Assert.False(host.Monitor.Drift!.IsDrifting);
        Assert.Equal(["confidence", "x.deviation", "x.mean"], host.Monitor.Drift.Features.Select(static feature => feature.Name).Order());

        Ask(host, 600, shift: 3);
        var mean = host.Monitor.Drift!.Features.Single(static feature => feature.Name == "x.mean");
        Assert.True(mean.IsDrifting);
        Assert.InRange(mean.Index, 0.25, 100);

        // The classes of the two numbers' difference are as before, so the model is as sure as it was.
        Assert.False(host.Monitor.Drift.Features.Single(static feature => feature.Name == "confidence").IsDrifting);
    }

    [Fact]
    public async Task What_is_compared_with_outlives_a_restart()
    {
        await using (var host = await StartAsync())
            Ask(host, 500, shift: 0);
        await using var again = await StartAsync();
        Ask(again, 600, shift: 3);
        Assert.True(again.Monitor.Drift!.IsDrifting);
    }

    [Fact]
    public async Task A_damaged_reference_is_gathered_anew()
    {
        await using (var host = await StartAsync())
            Ask(host, 500, shift: 0);
        await File.WriteAllTextAsync(_folder["data", "drift.json"], "{", TestContext.Current.CancellationToken);
        await using var again = await StartAsync();
        Ask(again, 1100, shift: 3);
        Assert.False(again.Monitor.Drift!.IsDrifting);
    }

    [Fact]
    public async Task A_new_version_is_at_home_where_it_was_promoted()
    {
        await using var host = await StartAsync();
        Ask(host, 500, shift: 0);
        await host.AddAsync(TinyClassifier.Samples(200));
        Assert.True((await host.Control.RequestRunAsync(TestContext.Current.CancellationToken)).Promote);
        Ask(host, 1100, shift: 3);
        Assert.False(host.Monitor.Drift!.IsDrifting);
        Assert.Equal(host.Registry.Current.Id, host.Monitor.Drift.Version);
    }

    [Fact]
    public async Task A_batch_is_no_observation_of_a_single_sample()
    {
        await using var host = await StartAsync();
        for (int number = 0; number < 1100; number++)
            host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([0, 1, 1, 0], 2, 2) });
        Assert.Null(host.Monitor.Drift);
    }

    [Fact]
    public async Task No_request_waits_for_the_reference_to_be_written()
    {
        using var writing = new SemaphoreSlim(0);
        using var disk = new SemaphoreSlim(0);
        int written = 0;
        using var metrics = new FineTuningMetrics();
        var monitor = Monitor(metrics, () =>
        {
            writing.Release();
            disk.Wait(TestContext.Current.CancellationToken);
            written++;
        });
        var version = Version("one");
        monitor.Serve(version);

        // Were it written by the request that completes it, or while others wait for it, none of these would come back.
        Observe(monitor, version, 250);
        await writing.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, written);
        Assert.NotNull(monitor.Latest);
        disk.Release(10);
        monitor.Flush();
        Assert.NotEqual(0, written);
    }

    [Fact]
    public async Task No_exchange_of_versions_waits_for_the_reference_to_be_written()
    {
        using var writing = new SemaphoreSlim(0);
        using var disk = new SemaphoreSlim(0);
        using var metrics = new FineTuningMetrics();
        var monitor = Monitor(metrics, () =>
        {
            writing.Release();
            disk.Wait(TestContext.Current.CancellationToken);
        });
        var (one, two) = (Version("one"), Version("two"));
        monitor.Serve(one);
        Observe(monitor, one, 150);
        await writing.WaitAsync(TestContext.Current.CancellationToken);

        // Were the write waited for, neither would come back; were the file read, there would be nothing to compare with.
        monitor.Serve(two);
        monitor.Serve(one);
        Assert.Null(monitor.Latest);
        Observe(monitor, one, 120);
        Assert.Equal("one", monitor.Latest!.Version);
        disk.Release(10);
        monitor.Flush();
    }

    /// <summary>A monitor that has a reference after 100 requests, and something to compare with it after 100 more.</summary>
    private DriftMonitor Monitor(FineTuningMetrics metrics, Action write)
    {
        var options = new FineTuningServiceOptions { DataDirectory = _folder.Path };
        options.Drift.ReferenceCount = options.Drift.WindowCount = 100;
        var monitor = new DriftMonitor(new CurrentOptions(options), metrics, TimeProvider.System, new FakeLogger<DriftMonitor>(), (_, _) => write());
        monitor.Open(SampleSchema.Of(TinyClassifier.Manifest));
        return monitor;
    }

    private static ModelVersion Version(string id) => new()
    {
        Id = id, Number = 0, Base = id, Created = DateTimeOffset.UnixEpoch, Accepted = true, Reason = "test", Size = 1,
    };

    private void Observe(DriftMonitor monitor, ModelVersion version, int count)
    {
        for (int request = 0; request < count; request++)
        {
            var inputs = new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([_random.NextSingle(), _random.NextSingle()], 2) };
            monitor.Observe(inputs, new Prediction(new Dictionary<string, SampleTensor> { ["logits"] = inputs["x"] }, version));
        }
    }

    private Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(_folder, static options =>
    {
        options.LearningRate = 0.1;
        options.MinimumSamples = 1000;
    });

    private void Ask(ServiceHost host, int count, float shift)
    {
        for (int number = 0; number < count; number++)
        {
            float[] x = [_random.NextSingle() + shift, _random.NextSingle() + shift];
            host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>(x, 2) });
        }
    }
}
