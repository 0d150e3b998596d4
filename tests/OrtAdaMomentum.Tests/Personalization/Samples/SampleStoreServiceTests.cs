using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Runs and the store that they have their samples from.</summary>
public sealed class SampleStoreServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_interrupted_run_waits_for_a_store_that_cannot_be_used_and_goes_on_with_its_samples()
    {
        _engine.During = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
        await using (var host = await ServiceHost.StartAsync(_folder, engine: _engine))
        {
            var training = host.NextAsync<StateChanged>(static change => change.State == FineTuningState.Training);
            await host.AddAsync(TinyClassifier.Samples(50));
            await training;
        }

        File.Move(_folder["data", "samples.db"], _folder["kept.db"]);
        Directory.CreateDirectory(_folder["data", "samples.db"]);
        _engine.During = static (_, _, _) => Task.CompletedTask;
        await using var again = await ServiceHost.StartAsync(_folder, engine: _engine);
        // Also if it was seen before anyone could watch.
        await again.NextAsync<FineTuningEvent>(_ => again.Monitor.Problems.Any(static problem => problem.Kind == FineTuningProblemKind.SampleStore));
        Assert.True(File.Exists(_folder["data", "run", "run.json"]));

        Directory.Delete(_folder["data", "samples.db"]);
        File.Move(_folder["kept.db"], _folder["data", "samples.db"]);
        var decided = again.NextAsync<CandidateDecided>();
        again.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True((await decided).Decision.Promote);
        Assert.Equal(2, _engine.Jobs.Count);
        Assert.Equal(_engine.Jobs[0].Seed, _engine.Jobs[1].Seed);
        Assert.Equal(_engine.Jobs[0].Data.Count, _engine.Jobs[1].Data.Count);
        Assert.DoesNotContain(again.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleStore);
    }

    [Fact]
    public async Task Stored_samples_that_do_not_fit_the_model_are_left_out_of_a_run()
    {
        var store = new InMemorySampleStore(1000);
        await store.AddAsync(
            [
                new StoredSample(new Sample("x", SampleTensor.Of<float>([1, 2, 3], 3), SampleTensor.Scalar(0L)), SampleRole.Training),
                new StoredSample(new Sample("z", SampleTensor.Of<float>([1, 2], 2), SampleTensor.Scalar(0L)), SampleRole.HeldOut),
                new StoredSample(new Sample("x", SampleTensor.Of<float>([1, 2], 2), SampleTensor.Scalar(9L)), SampleRole.Training),
                .. TinyClassifier.Samples(30).Select(static (sample, index) => new StoredSample(sample, index % 3 == 0 ? SampleRole.HeldOut : SampleRole.Training)),
            ],
            Cancelled);
        await using var host = await ServiceHost.StartAsync(_folder, engine: _engine, store: store);

        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);

        Assert.Equal(20, Assert.Single(_engine.Jobs).Data.Count);
        Assert.Equal(0, (await store.CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task Changed_limits_and_compression_of_the_configuration_reach_the_store()
    {
        TinyClassifier.Write(_folder);
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FineTuning:ModelPath"] = _folder["model.onnx"],
            ["FineTuning:DataDirectory"] = _folder["data"],
            ["FineTuning:MinimumSamples"] = "5",
        });
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddFineTuning(configuration.GetSection("FineTuning"));
        using var host = builder.Build();
        var store = Assert.IsType<SqliteSampleStore>(host.Services.GetRequiredService<ISampleStore>());
        Assert.Equal((20_000, RetentionStrategy.Oldest, SampleCompression.None), (store.Limits.Count, store.Limits.Retention, store.Compression));

        configuration["FineTuning:MaximumSamples"] = "50";
        configuration["FineTuning:Retention"] = "ClassBalanced";
        configuration["FineTuning:Compression"] = "Brotli";
        ((IConfigurationRoot)configuration).Reload();

        Assert.Equal((50, RetentionStrategy.ClassBalanced, SampleCompression.Brotli), (store.Limits.Count, store.Limits.Retention, store.Compression));
        Assert.Equal(12, store.Limits.Unlabelled);
    }
}
