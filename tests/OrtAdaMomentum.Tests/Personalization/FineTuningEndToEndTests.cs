using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>The service with real training.</summary>
public sealed class FineTuningEndToEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_come_in_the_model_learns_and_the_new_version_answers_while_requests_go_on()
    {
        await using var host = await ServiceHost.StartAsync(_folder, Learning);
        var meters = host.Get<IMeterFactory>();
        using var promotions = new MetricCollector<long>(meters, FineTuningMetrics.Name, "ortadamomentum.promotions");
        using var steps = new MetricCollector<long>(meters, FineTuningMetrics.Name, "ortadamomentum.training.steps");
        using var ingested = new MetricCollector<long>(meters, FineTuningMetrics.Name, "ortadamomentum.samples.ingested");
        using var stop = new CancellationTokenSource();
        var versions = new HashSet<int>();
        var requests = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    versions.Add(Predict(host, 1, 0).Version.Number);
            },
            Cancelled);

        var decided = host.NextAsync<CandidateDecided>();
        var served = host.NextAsync<VersionServed>();
        await host.AddAsync(TinyClassifier.Samples(300));
        var decision = (await decided).Decision;
        Assert.True(decision.Promote, decision.Reason);
        await served;
        await stop.CancelAsync();
        await requests;

        Assert.True(decision.Candidate.HeldOut!.Accuracy > 0.9, decision.Reason);
        Assert.Contains(0, versions);
        Assert.Equal(1, Predict(host, 1, 0).Version.Number);
        int right = TinyClassifier.Samples(100, seed: 99).Count(sample => Answer(host, sample) == sample.Target!.Values<long>()[0]);
        Assert.InRange(right, 90, 100);
        Assert.Equal("gate", promotions.LastMeasurement!.Tags["cause"]);
        Assert.Equal(300, ingested.GetMeasurementSnapshot().Sum(static measurement => measurement.Value));
        Assert.Equal(host.Monitor.LatestProgress!.Step, steps.GetMeasurementSnapshot().Count);
    }

    [Fact]
    public async Task A_candidate_that_learned_from_wrong_labels_is_stopped_by_the_golden_samples()
    {
        TinyClassifier.Write(_folder, slant: 1);
        var golden = new ReferenceData(TinyClassifier.Dataset(200, seed: 50), null);
        await using var host = await ServiceHost.StartAsync(_folder, Learning, build: builder => builder.UseReferenceData(_ => golden));
        await host.AddAsync(TinyClassifier.Samples(120, wrong: true));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.False(decision.Promote);
        Assert.Contains("but accuracy on 200 golden samples 1 -> ", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(0, Predict(host, 1, 0).Version.Number);
    }

    [Fact]
    public async Task Rehearsal_keeps_what_the_model_knew()
    {
        TinyClassifier.Write(_folder, slant: 1);
        var reference = new ReferenceData(TinyClassifier.Dataset(200, seed: 50), TinyClassifier.Dataset(1000, seed: 51));
        await using var host = await ServiceHost.StartAsync(
            _folder,
            static options =>
            {
                Learning(options);
                options.ReplayShare = 0.9;
            },
            build: builder => builder.UseReferenceData(_ => reference));
        await host.AddAsync(TinyClassifier.Samples(120, wrong: true));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.True(decision.Candidate.Golden!.Accuracy > 0.9, decision.Reason);
    }

    [Fact]
    public async Task An_interrupted_run_ends_with_the_same_bits_as_an_undisturbed_one()
    {
        string undisturbed = await RunAsync(interrupt: false);
        string interrupted = await RunAsync(interrupt: true);

        Assert.Equal(undisturbed, interrupted);
    }

    private static async Task<string> RunAsync(bool interrupt)
    {
        using var folder = new TemporaryFolder();
        var store = new InMemorySampleStore(1000);
        var samples = TinyClassifier.Samples(200).ToList();
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleSplit.RoleOf(sample.Key, 0.2)))], Cancelled);
        static void Long(FineTuningServiceOptions options)
        {
            Learning(options);
            options.Epochs = 200;
            options.Schedule = "cosine";
            options.CheckpointEverySteps = 0;
        }

        if (interrupt)
        {
            await using var first = await ServiceHost.StartAsync(folder, Long, store: store);
            await first.NextAsync<TrainingProgressed>(static happened => happened.Progress.Step >= 5);
            await first.StopAsync();
            Assert.InRange(first.Monitor.LatestProgress!.Step, 5, first.Monitor.LatestProgress.TotalSteps - 1);
            Assert.True(File.Exists(folder["data", "run", "checkpoint"]));
        }

        await using var host = await ServiceHost.StartAsync(folder, Long, store: store);
        await host.NextAsync<StateChanged>(change => change.State == FineTuningState.Idle && host.Monitor.Decisions.Count > 0);
        return host.Registry.Current.Id;
    }

    private static void Learning(FineTuningServiceOptions options)
    {
        options.MinimumSamples = 200;
        options.LearningRate = 0.05;
        options.Epochs = 20;
        options.BatchSize = 16;
    }

    private static Prediction Predict(ServiceHost host, float first, float second) =>
        host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([first, second], 2) });

    private static long Answer(ServiceHost host, Sample sample)
    {
        var logits = host.Predictor.Predict(sample.Inputs).Output.Values<float>();
        return logits[0] > logits[1] ? 0 : 1;
    }
}
