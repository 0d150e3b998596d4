using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>What the service shows of a store that cannot be used.</summary>
public sealed class SampleStoreProblemTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_service_starts_and_serves_without_its_store_and_takes_samples_when_it_can_be_used()
    {
        Directory.CreateDirectory(_folder["data"]);
        File.WriteAllText(_folder["data", "samples.db"], new string('x', 5000));
        await using var host = await ServiceHost.StartAsync(_folder);
        var sample = TinyClassifier.Samples(1).Single();

        Assert.NotNull(host.Predictor.Predict(sample.Inputs));
        await Assert.ThrowsAsync<SampleStoreException>(() => host.Ingest.AddAsync(sample, Cancelled).AsTask());
        var problem = Assert.Single(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleStore);
        Assert.Contains("SalvageAsync", problem.Message, StringComparison.Ordinal);

        File.Delete(_folder["data", "samples.db"]);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.Ingest.AddAsync(sample, Cancelled);
        Assert.DoesNotContain(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleStore);
    }

    [Fact]
    public async Task Another_failure_than_the_stores_is_no_problem_of_the_store()
    {
        var problems = Parts.Problems(TimeProvider.System);
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(10));
        using var metrics = new FineTuningMetrics();
        var watched = new WatchedSampleStore(store, problems, metrics);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => watched.CountAsync(cancelled.Token).AsTask());

        Assert.Empty(problems.Current);
    }

    [Fact]
    public async Task A_failure_is_counted_by_its_problem()
    {
        File.WriteAllText(_folder["samples.db"], new string('x', 5000));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var metrics = new FineTuningMetrics(factory);
        using var failures = new MetricCollector<long>(factory, FineTuningMetrics.Name, "ortadamomentum.store.failures");
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(10));
        var watched = new WatchedSampleStore(store, Parts.Problems(TimeProvider.System), metrics);

        await Assert.ThrowsAsync<SampleStoreException>(() => watched.CountAsync(Cancelled).AsTask());

        var failure = Assert.Single(failures.GetMeasurementSnapshot());
        Assert.Equal((1L, "Damaged"), (failure.Value, failure.Tags["problem"]));
    }
}
