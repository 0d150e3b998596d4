using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class PredictorTests : IDisposable
{
    private readonly Registries _files = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FineTuningMetrics _metrics;
    private readonly ModelServer _server;
    private readonly Predictor _predictor;

    public PredictorTests()
    {
        _metrics = new FineTuningMetrics(_services.GetRequiredService<IMeterFactory>());
        var registry = _files.Open();
        _server = new ModelServer(registry, threads: 1, _metrics, Parts.Drift(_metrics));
        _server.SwapTo(Registries.Promote(registry, 2));
        _predictor = new Predictor(_server, _metrics, Parts.Drift(_metrics), TimeProvider.System);
    }

    public void Dispose()
    {
        _server.Dispose();
        _metrics.Dispose();
        _services.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void One_sample_gives_outputs_without_a_batch_axis()
    {
        var prediction = _predictor.Predict(Inputs(SampleTensor.Of<float>([1, 0.5f], 2)));

        Assert.Equal(1, prediction.Version.Number);
        Assert.Equal([2], prediction.Outputs["logits"].Shape);
        Assert.Equal([1, -1], prediction.Output.Values<float>());
    }

    [Fact]
    public async Task A_batch_gives_outputs_with_a_batch_axis()
    {
        var prediction = await _predictor.PredictAsync(Inputs(SampleTensor.Of<float>([1, 0, 0, 1, 0, 0], 3, 2)), TestContext.Current.CancellationToken);

        Assert.Equal([3, 2], prediction.Output.Shape);
        Assert.Equal([2, -2, -2, 2, 0, 0], prediction.Output.Values<float>());
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_and_counted()
    {
        using var requests = new MetricCollector<long>(_services.GetRequiredService<IMeterFactory>(), FineTuningMetrics.Name, "ortadamomentum.model.requests");

        var wrongShape = Assert.Throws<InvalidSampleException>(() => _predictor.Predict(Inputs(SampleTensor.Of<float>([1, 2, 3], 3))));
        Assert.Equal("Input 'x' is Float[3], but the model takes Float[?, 2], with or without the first axis.", wrongShape.Message);
        Assert.Throws<InvalidSampleException>(() => _predictor.Predict(Inputs(SampleTensor.Of<double>([1, 2], 2))));
        Assert.Throws<InvalidSampleException>(() => _predictor.Predict(new Dictionary<string, SampleTensor>()));
        Assert.Throws<InvalidSampleException>(() => _predictor.Predict(new Dictionary<string, SampleTensor> { ["y"] = SampleTensor.Scalar(1f) }));

        Assert.Equal(4, requests.GetMeasurementSnapshot().Count(static measurement => (string?)measurement.Tags["outcome"] == "invalid"));
    }

    [Fact]
    public async Task A_cancelled_prediction_is_not_run()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _predictor.PredictAsync(Inputs(SampleTensor.Of<float>([1, 0], 2)), new CancellationToken(canceled: true)));
    }

    private static Dictionary<string, SampleTensor> Inputs(SampleTensor x) => new() { ["x"] = x };
}
