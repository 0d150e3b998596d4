using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// Two clients ask the served digit model without a pause, while the current version is exchanged 200 times. Stretches without swaps lie between
/// those with swaps, so that both meet the same machine.
/// </summary>
internal static class SwapBench
{
    private const int Swaps = 200;
    private const int SwapsOfStretch = 10;
    private const int Clients = 2;

    private static readonly TimeSpan BetweenSwaps = TimeSpan.FromMilliseconds(100);

    public static void Run(Results results) => MeasureAsync(results).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Results results)
    {
        string folder = Directory.CreateTempSubdirectory("swaps").FullName;
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddFineTuning(options =>
            {
                options.ModelPath = Path.Combine(AppContext.BaseDirectory, "digits-base.onnx");
                options.DataDirectory = folder;
                options.Threads = 1;
            });
            using var host = builder.Build();
            await host.StartAsync().ConfigureAwait(false);
            var model = host.Services.GetRequiredService<FineTuningModel>();
            var versions = new[] { model.Registry.Current, CommitAnother(model.Registry) };
            await SwapAsync(model, versions, results).ConfigureAwait(false);
            await host.StopAsync().ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same model under another hash.</summary>
    private static ModelVersion CommitAnother(ModelRegistry registry)
    {
        var proto = ModelProto.Parser.ParseFrom(registry.ReadModel(registry.Current));
        proto.ProducerName = "another";
        var scores = new ModelScores(null, null);
        return registry.Commit(Google.Protobuf.MessageExtensions.ToByteArray(proto), registry.Current, new GateDecision(true, "for the measurement", scores, scores));
    }

    private static async Task SwapAsync(FineTuningModel model, ModelVersion[] versions, Results results)
    {
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(number => new Client(model.Predictor, number)).ToArray();
        var asking = clients.Select(client => Task.Factory.StartNew(() => client.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        long after20 = 0;
        double slowestSwap = 0;
        for (int swap = 0; swap < Swaps; swap++)
        {
            if (swap % SwapsOfStretch == 0)
            {
                Array.ForEach(clients, static client => client.Stretch = 1);
                await Task.Delay(BetweenSwaps * SwapsOfStretch).ConfigureAwait(false);
                Array.ForEach(clients, static client => client.Stretch = 2);
            }

            long start = Stopwatch.GetTimestamp();
            await model.Control.PromoteAsync(versions[(swap + 1) % 2].Id).ConfigureAwait(false);
            slowestSwap = Math.Max(slowestSwap, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(BetweenSwaps).ConfigureAwait(false);
            if (swap == 19)
                after20 = ResidentBytes();
        }

        long end = ResidentBytes();
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(asking).ConfigureAwait(false);

        double without = Percentile(clients, 1), with = Percentile(clients, 2);
        int requests = clients.Sum(static client => client.Answered), failed = clients.Sum(static client => client.Failed);
        results.Head([], "swaps", "requests", "failed", "p99 without ms", "p99 with ms", "ratio", "slowest swap ms", "MB after 20", "MB at the end", "ratio");
        results.Line(Invariant(
            $"| {Swaps} | {requests} | {failed} | {without:F3} | {with:F3} | {with / without:F2} | {slowestSwap:F0} | {after20 / 1e6:F1} | {end / 1e6:F1} | {(double)end / after20:F3} |"));
        results.Add("swaps", new JsonObject
        {
            ["requests"] = requests, ["failed"] = failed, ["p99_without_ms"] = without, ["p99_with_ms"] = with,
            ["bytes_after_20"] = after20, ["bytes_at_end"] = end,
        });
    }

    private static double Percentile(Client[] clients, int stretch)
    {
        long total = clients.Sum(client => client.Times(stretch).Sum()), seen = 0;
        for (int place = 0; place < Client.Classes; place++)
        {
            seen += clients.Sum(client => client.Times(stretch)[place]);
            if (seen >= total * 0.99)
                return Client.MillisecondsOf(place);
        }

        throw new InvalidOperationException("Nothing was measured.");
    }

    private static long ResidentBytes()
    {
        // What the requests since the last collection left differs by tens of megabytes from moment to moment, with or without swaps.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class Client(IPredictor predictor, int seed)
    {
        /// <summary>Classes of times, each a hundredth longer than the one before, from a microsecond on. Counted, because a list would grow.</summary>
        public const int Classes = 2000;

        private readonly long[][] _times = [new long[Classes], new long[Classes], new long[Classes]];

        public volatile int Stretch;

        public int Answered { get; private set; }

        public int Failed { get; private set; }

        public long[] Times(int stretch) => _times[stretch];

        public static double MillisecondsOf(int place) => 1e-3 * Math.Pow(1.01, place);

        public void Run(CancellationToken stop)
        {
            var random = new Random(seed);
            float[] pixels = new float[28 * 28];
            foreach (ref float pixel in pixels.AsSpan())
                pixel = random.NextSingle();
            var inputs = new Dictionary<string, SampleTensor> { ["image"] = SampleTensor.Of<float>(pixels, 1, 28, 28) };
            while (!stop.IsCancellationRequested)
            {
                int stretch = Stretch;
                long start = Stopwatch.GetTimestamp();
                try
                {
                    predictor.Predict(inputs);
                    Answered++;
                }
#pragma warning disable CA1031 // Counting failures of whatever kind is what this is for.
                catch (Exception)
#pragma warning restore CA1031
                {
                    Failed++;
                }

                double microseconds = Math.Max(1, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                _times[stretch][Math.Min(Classes - 1, (int)(Math.Log(microseconds) / Math.Log(1.01)))]++;
            }
        }
    }
}
