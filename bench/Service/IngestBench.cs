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
/// sources. As they are, compressed, encrypted, and while training takes half of the processors.
/// </summary>
internal static class IngestBench
{
    private static readonly TimeSpan _length = TimeSpan.FromSeconds(4);

    public static void Run(Results results)
    {
        var schema = SampleSchema.Of(ArtifactGenerator.Generate(OnnxModel.Load(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx"))).Manifest);
        results.Head([], "samples are", "sources", "samples", "samples/s", "bytes of file a sample", "share of training");
        foreach (int sources in new[] { 1, 8, 64, 256 })
            Measure(new Case("as they are", sources), schema, results);
        foreach (var retention in Enum.GetValues<RetentionStrategy>())
            Measure(new Case(Invariant($"as they are, more than the limit, {retention}"), 64, Limits: new SampleLimits(5_000) { Retention = retention }), schema, results);
        Measure(new Case("Brotli", 64, SampleCompression.Brotli), schema, results);
        Measure(new Case("ZLib", 64, SampleCompression.ZLib), schema, results);
        Measure(new Case("encrypted", 1, IsEncrypted: true), schema, results);
        Measure(new Case("encrypted", 64, IsEncrypted: true), schema, results);
        Measure(new Case("Brotli, encrypted", 64, SampleCompression.Brotli, IsEncrypted: true), schema, results);
        foreach (int sources in new[] { 1, 8, 64 })
            Measure(new Case("as they are, while training", sources, TrainingShare: 0.5), schema, results);
        Measure(new Case("Brotli, encrypted, while training", 64, SampleCompression.Brotli, IsEncrypted: true, TrainingShare: 0.5), schema, results);
    }

    private static void Measure(Case what, SampleSchema schema, Results results) => MeasureAsync(what, schema, results).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Case what, SampleSchema schema, Results results)
    {
        string folder = Directory.CreateTempSubdirectory("ingest").FullName;
        var training = what.TrainingShare > 0 ? await TrainingLoad.StartAsync(what.TrainingShare).ConfigureAwait(false) : null;
        try
        {
            string file = Path.Combine(folder, "samples.db");
            using var store = new SqliteSampleStore(file, what.Limits ?? new SampleLimits(1_000_000))
            {
                Compression = what.Compression,
                Encryption = what.IsEncrypted ? KeyFile.Create(Path.Combine(folder, "key")) : null,
            };
            using var metrics = new FineTuningMetrics();
            var ingest = new SampleIngest(new CurrentOptions(new FineTuningServiceOptions()), metrics);
            ingest.Open(schema);
            var pump = Task.Run(() =>
                new SamplePump(ingest, store, metrics, Monitor(metrics), NullLogger<SamplePump>.Instance).RunAsync(static () => { }));
            long start = Stopwatch.GetTimestamp();
            int[] brought = await Task.WhenAll(
                Enumerable.Range(0, what.Sources).Select(source => Task.Run(() => BringAsync(ingest, schema, source, start)))).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double? share = training?.Share;
            ingest.Close();
            await pump.ConfigureAwait(false);
            int stored = (await store.CountAsync(CancellationToken.None).ConfigureAwait(false)).Total;
            int count = brought.Sum();
            double rate = count / seconds, size = new FileInfo(file).Length / (double)stored;
            results.Line(Invariant($"| {what.Name} | {what.Sources} | {count} | {rate:F0} | {size:F0} | {(share is { } taken ? Invariant($"{taken:F2}") : "")} |"));
            results.Add("ingest", new JsonObject
            {
                ["samples are"] = what.Name, ["sources"] = what.Sources, ["samples"] = count, ["seconds"] = seconds, ["share"] = share,
            });
        }
        finally
        {
            if (training is not null)
                await training.DisposeAsync().ConfigureAwait(false);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static FineTuningMonitor Monitor(FineTuningMetrics metrics) =>
        new(
            new FineTuningProblems(TimeProvider.System, NullLogger<FineTuningProblems>.Instance),
            new DriftMonitor(new CurrentOptions(new FineTuningServiceOptions()), metrics, TimeProvider.System, NullLogger<DriftMonitor>.Instance),
            TimeProvider.System);

    private static async Task<int> BringAsync(SampleIngest ingest, SampleSchema schema, int source, long start)
    {
        var random = new Random(source);
        var input = schema.Inputs[0];
        float[] pixels = new float[input.SampleShape.Aggregate(1L, static (product, extent) => product * extent)];
        int brought = 0;
        while (Stopwatch.GetElapsedTime(start) < _length)
        {
            Draw(pixels, random);
            var image = SampleTensor.Of<float>(pixels, [.. input.SampleShape]);
            await ingest.AddAsync(new Sample(input.Name, image, SampleTensor.Scalar(random.NextInt64(10)))).ConfigureAwait(false);
            brought++;
        }

        return brought;
    }

    /// <summary>Strokes of grey values in 256 steps on a fifth of an empty image, as scanned digits have.</summary>
    private static void Draw(Span<float> pixels, Random random)
    {
        const int strokes = 26, length = 6;
        pixels.Clear();
        for (int stroke = 0; stroke < strokes; stroke++)
        {
            foreach (ref float pixel in pixels.Slice(random.Next(pixels.Length - length), length))
                pixel = random.Next(256) / 255f;
        }
    }

    private sealed record Case(
        string Name, int Sources, SampleCompression Compression = SampleCompression.None, bool IsEncrypted = false, double TrainingShare = 0, SampleLimits? Limits = null);
}
