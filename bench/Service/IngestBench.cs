using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// Samples a second that the service's store takes in, each acknowledged when it is on the disk: digits of 28x28 from some sources at once, which
/// wait for the acknowledgement of one before they bring the next. One commit for all that wait is what makes it fast, so it grows with the
/// sources.
/// </summary>
internal static class IngestBench
{
    private const int SamplesOfSource = 200;

    public static void Run(Results results)
    {
        var schema = SampleSchema.Of(ArtifactGenerator.Generate(OnnxModel.Load(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx"))).Manifest);
        results.Head([], "sources", "samples", "seconds", "samples/s", "file MB");
        foreach (int sources in new[] { 1, 8, 64, 256 })
            Measure(schema, sources, results).GetAwaiter().GetResult();
    }

    private static async Task Measure(SampleSchema schema, int sources, Results results)
    {
        string folder = Directory.CreateTempSubdirectory("ingest").FullName;
        try
        {
            string file = Path.Combine(folder, "samples.db");
            using var store = new SqliteSampleStore(file, new SampleLimits(1_000_000));
            using var metrics = new FineTuningMetrics();
            var ingest = new SampleIngest(new CurrentOptions(new FineTuningServiceOptions()), metrics);
            ingest.Open(schema);
            var pump = Task.Run(() =>
                new SamplePump(ingest, store, metrics, Monitor(metrics), NullLogger<SamplePump>.Instance).RunAsync(static () => { }));
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, sources).Select(source => Task.Run(() => BringAsync(ingest, schema, source)))).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            ingest.Close();
            await pump.ConfigureAwait(false);
            int count = (await store.CountAsync(CancellationToken.None).ConfigureAwait(false)).Total;
            results.Line(Invariant($"| {sources} | {count} | {seconds:F2} | {count / seconds:F0} | {new FileInfo(file).Length / 1e6:F1} |"));
            results.Add("ingest", new JsonObject { ["sources"] = sources, ["samples"] = count, ["seconds"] = seconds });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static FineTuningMonitor Monitor(FineTuningMetrics metrics) =>
        new(
            new FineTuningProblems(TimeProvider.System, NullLogger<FineTuningProblems>.Instance),
            new DriftMonitor(new CurrentOptions(new FineTuningServiceOptions()), metrics, TimeProvider.System, NullLogger<DriftMonitor>.Instance),
            TimeProvider.System);

    private static async Task BringAsync(SampleIngest ingest, SampleSchema schema, int source)
    {
        var random = new Random(source);
        var input = schema.Inputs[0];
        float[] pixels = new float[input.SampleShape.Aggregate(1L, static (product, extent) => product * extent)];
        for (int index = 0; index < SamplesOfSource; index++)
        {
            foreach (ref float pixel in pixels.AsSpan())
                pixel = random.NextSingle();
            var image = SampleTensor.Of<float>(pixels, [.. input.SampleShape]);
            await ingest.AddAsync(new Sample(input.Name, image, SampleTensor.Scalar(random.NextInt64(10)))).ConfigureAwait(false);
        }
    }
}
