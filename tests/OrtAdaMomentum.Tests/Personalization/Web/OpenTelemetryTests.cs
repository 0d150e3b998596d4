using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>What monitoring sees of the service through OpenTelemetry, by pull and by push.</summary>
public sealed partial class OpenTelemetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_scrape_and_a_collector_see_exactly_the_documented_names_and_the_dashboard_asks_for_no_others()
    {
        await using var collector = await OtlpCollector.StartAsync(Cancelled);
        var store = new SlowStore(new InMemorySampleStore(1000), Task.CompletedTask);
        await using var host = await StartAsync(collector.Address, store);
        await UseEverythingAsync(host, store);

        // Feedback is counted beside the requests that bring it, so it comes out a little later.
        host.Get<MeterProvider>().ForceFlush();
        while (!collector.Metrics.Contains("ortadamomentum.feedback.score"))
        {
            await Task.Delay(20, Cancelled);
            host.Get<MeterProvider>().ForceFlush();
        }

        host.Get<TracerProvider>().ForceFlush();
        string scrape = await host.Client.GetStringAsync("/metrics", Cancelled);

        var documented = DocumentedInstrument().Matches(Document("hosted-service.md"))
            .ToDictionary(static row => row.Groups["name"].Value, static row => row.Groups["tags"].Value);
        Assert.Equal(documented.Keys.Order(), collector.Metrics.Where(static name => name.StartsWith("ortadamomentum.", StringComparison.Ordinal)).Order());
        string[] activities = ["finetuning.evaluate", "finetuning.promote", "finetuning.run", "finetuning.train"];
        Assert.Equal(activities, collector.Spans.Order());
        Assert.All(activities, name => Assert.Contains($"`{name}`", Document("hosted-service.md"), StringComparison.Ordinal));

        var scraped = new PrometheusScrape(scrape);
        Assert.Equal(documented.Count, scraped.Families.Count(static name => name.StartsWith("ortadamomentum_", StringComparison.Ordinal)));
        Assert.All(documented.Keys, name => Assert.Contains(scraped.Families, family => family.StartsWith(name.Replace('.', '_'), StringComparison.Ordinal)));

        var dashboard = new GrafanaDashboard(Document("fine-tuning.json"));
        Assert.Empty(dashboard.Queries.SelectMany(query => query.MissingIn(scraped)));
        Assert.All(documented.Keys, name => Assert.Contains(
            dashboard.Queries.SelectMany(static query => query.Series), series => series.StartsWith(name.Replace('.', '_'), StringComparison.Ordinal)));
        // A value that nothing in this test leads to is one of those that are documented.
        Assert.All(
            dashboard.Queries.SelectMany(static query => query.Series.SelectMany(series => query.Values.Select(value => (series, value)))),
            use => Assert.Contains(documented, row =>
                use.series.StartsWith(row.Key.Replace('.', '_'), StringComparison.Ordinal)
                && Tag().Matches(row.Value).Any(tag => tag.Groups["label"].Value == use.value.Label && tag.Groups["values"].Value.Split(", ").Contains(use.value.Value))));
    }

    private Task<WebHost> StartAsync(Uri collector, SlowStore store) => WebHost.StartAsync(
        _folder,
        store: store,
        build: builder => builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(FineTuningMetrics.Name, "Microsoft.AspNetCore.Hosting")
                .AddPrometheusExporter()
                .AddOtlpExporter(exporter => Export(exporter, "v1/metrics", collector)))
            .WithTracing(traces => traces.AddSource(FineTuningMetrics.Name).AddOtlpExporter(exporter => Export(exporter, "v1/traces", collector))),
        map: static application =>
        {
            application.MapFineTuning();
            application.MapPrometheusScrapingEndpoint();
        },
        configure: static options =>
        {
            options.LearningRate = 0.1;
            options.Drift.ReferenceCount = 100;
            options.Drift.WindowCount = 100;
        },
        tune: static tuning => tuning.UseReferenceData(static _ => new ReferenceData(TinyClassifier.Dataset(100, seed: 2), null)));

    private static async Task UseEverythingAsync(WebHost host, SlowStore store)
    {
        var samples = TinyClassifier.Samples(100).ToList();
        await Task.WhenAll(samples.Select(sample => host.Model.Ingest.AddAsync(sample, Cancelled).AsTask()));
        await host.Model.Ingest.AddAsync(samples[0], Cancelled);
        await host.ProblemAsync("/fine-tuning/samples", """{"inputs": {"x": [1]}, "target": 0}""", HttpStatusCode.BadRequest);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/fine-tuning/status") { Headers = { { "Origin", "https://elsewhere.example" } } };
        using var refused = await host.Client.SendAsync(foreign, Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        await host.PostAsync("/fine-tuning/feedback", $$"""{"key": "{{samples[0].Key}}", "target": {{samples[0].Target!.Values<long>()[0]}}}""", HttpStatusCode.NoContent);
        store.Before = Task.FromException(new SampleStoreException("The disk is full."));
        await host.ProblemAsync("/fine-tuning/samples", """{"inputs": {"x": [1, 3]}, "target": 0}""", HttpStatusCode.ServiceUnavailable);
        store.Before = Task.CompletedTask;

        await host.PostAsync("/fine-tuning/pause", "", HttpStatusCode.OK);
        var run = host.PostAsync("/fine-tuning/runs?wait=true", "", HttpStatusCode.OK);
        await foreach (var happened in host.Model.Monitor.WatchAsync(Cancelled))
        {
            if (happened is StateChanged { State: FineTuningState.Paused })
                break;
        }

        await host.PostAsync("/fine-tuning/resume", "", HttpStatusCode.OK);
        Assert.True((await run).GetProperty("promoted").GetBoolean());
        await host.PostAsync("/fine-tuning/feedback", $$"""{"version": "{{host.Model.Registry.Current.Label}}", "right": true}""", HttpStatusCode.NoContent);
        for (int round = 0; round < 3; round++)
        {
            foreach (var sample in samples)
                host.Model.Predictor.Predict(sample.Inputs);
        }
    }

    private static void Export(OtlpExporterOptions exporter, string path, Uri collector)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(collector, path);
    }

    private static string Document(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name));

    [GeneratedRegex(@"^\| `(?<name>ortadamomentum\.[\w.]+)` \| [^|]+ \|(?<tags>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex DocumentedInstrument();

    [GeneratedRegex(@"`(?<label>\w+)`(?:: (?<values>\w+(?:, \w+)*))?")]
    private static partial Regex Tag();
}
