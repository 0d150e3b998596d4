using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class FineTuningMetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_and_a_request_give_the_documented_instruments_and_activities()
    {
        var seen = new HashSet<string>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == FineTuningMetrics.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => Note(instrument.Name));
        meters.SetMeasurementEventCallback<int>((instrument, _, _, _) => Note(instrument.Name));
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => Note(instrument.Name));
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == FineTuningMetrics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Note(activity.OperationName),
        };
        ActivitySource.AddActivityListener(activities);

        await using var host = await ServiceHost.StartAsync(_folder, static options => options.LearningRate = 0.1);
        var samples = TinyClassifier.Samples(100).ToList();
        await host.AddAsync(samples);
        await host.AddAsync(samples.Take(1));
        await Assert.ThrowsAsync<InvalidSampleException>(() => host.AddAsync([new Sample("y", samples[0].Inputs["x"], samples[0].Target)]));
        await host.Ingest.CorrectAsync(samples[0].Key, samples[0].Target!, TestContext.Current.CancellationToken);
        await host.Control.RequestRunAsync(TestContext.Current.CancellationToken);
        var prediction = host.Predictor.Predict(samples[0].Inputs);
        host.Get<IModelFeedback>().Report(prediction, isRight: true);
        while (host.Monitor.Watch!.Feedback.Count == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        meters.RecordObservableInstruments();

        string documented = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hosted-service.md"));
        string[] missing;
        lock (seen)
            missing = [.. seen.Where(name => !documented.Contains($"`{name}`", StringComparison.Ordinal))];
        Assert.Empty(missing);
        string[] expected =
        [
            "ortadamomentum.samples.ingested", "ortadamomentum.samples.duplicate", "ortadamomentum.samples.rejected",
            "ortadamomentum.samples.corrected", "ortadamomentum.samples.stored", "ortadamomentum.samples.waiting", "ortadamomentum.samples.waiting.size",
            "ortadamomentum.training.steps", "ortadamomentum.training.loss",
            "ortadamomentum.training.throughput", "ortadamomentum.runs", "ortadamomentum.run.duration", "ortadamomentum.promotions",
            "ortadamomentum.model.requests", "ortadamomentum.model.request.duration", "ortadamomentum.model.version",
            "ortadamomentum.feedback", "ortadamomentum.feedback.score", "ortadamomentum.model.sessions", "finetuning.run", "finetuning.train", "finetuning.evaluate", "finetuning.promote",
        ];
        lock (seen)
            Assert.Empty(expected.Except(seen));

        void Note(string name)
        {
            lock (seen)
                seen.Add(name);
        }
    }
}
