using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// The peak of resident memory of a run, from its snapshot to the scores of its candidate, over some samples and over four times as many, each in a process of
/// its own: with the samples read when batches need them, and with all of them in memory. The candidates have to be the same to the bit. A collector that is
/// not told otherwise lets garbage lie where there is room, so that both are measured with a limit to the heap too.
/// </summary>
internal static class SnapshotBench
{
    private const string Alone = "--alone", Whole = "whole", Read = "read";
    private const int Samples = 20_000, Factor = 4, BatchOfStore = 256, InHeldOut = 10;

    private const long LimitOfHeap = 128L << 20;

    private static string Model => Path.Combine(AppContext.BaseDirectory, "digits-base.onnx");

    public static void Run(string[] args, Results results)
    {
        if (args is [Alone, var how, var file, var output])
        {
            MeasureAsync(how, file, output).GetAwaiter().GetResult();
            Console.WriteLine(ProcessUsage.PeakResidentBytes().ToString(CultureInfo.InvariantCulture));
            return;
        }

        string folder = Directory.CreateTempSubdirectory("snapshot").FullName;
        try
        {
            results.Head([], "samples", "megabytes of samples", "peak, read as needed", "with a heap of 128 MiB", "peak, all in memory", "with a heap of 128 MiB");
            double[] few = Compare(folder, Samples, results), many = Compare(folder, Samples * Factor, results);
            results.Row([Invariant($"{Factor} times the samples"), "", .. few.Zip(many, static (before, after) => Shown(after / before, "F2"))]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The four peaks in bytes; not a number where the heap was too small.</summary>
    private static double[] Compare(string folder, int samples, Results results)
    {
        string file = Path.Combine(folder, Invariant($"{samples}.db"));
        long bytes = FillAsync(file, samples).GetAwaiter().GetResult();
        double limitedWhole = Peak(file, Whole, LimitOfHeap);
        double[] peaks = [Peak(file, Read, 0), Peak(file, Read, LimitOfHeap), Peak(file, Whole, 0), limitedWhole];
        if (!File.ReadAllBytes(file + Read).AsSpan().SequenceEqual(File.ReadAllBytes(file + Whole)))
            throw new InvalidOperationException("The two runs came to different candidates.");
        results.Row([Invariant($"{samples}"), Invariant($"{bytes / 1e6:F0}"), .. peaks.Select(static peak => Shown(peak / 1e6, "F0"))]);
        results.Add("snapshot", new JsonObject
        {
            ["samples"] = samples, ["bytes"] = bytes, ["readPeakBytes"] = peaks[0], ["readLimitedPeakBytes"] = peaks[1], ["wholePeakBytes"] = peaks[2],
        });
        return peaks;
    }

    private static string Shown(double number, string format) => double.IsNaN(number) ? "out of memory" : number.ToString(format, CultureInfo.InvariantCulture);

    private static double Peak(string file, string how, long limitOfHeap)
    {
        var start = new ProcessStartInfo(WorkerProcess.OwnProgram, ["snapshot", Alone, how, file, file + how]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (limitOfHeap > 0)
            start.Environment["DOTNET_GCHeapHardLimit"] = limitOfHeap.ToString("x", CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        string said = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        string problem = errors.GetAwaiter().GetResult();
        if (child.ExitCode == 0)
            return double.Parse(said, CultureInfo.InvariantCulture);
        return limitOfHeap > 0 && problem.Replace(" ", "", StringComparison.Ordinal).Contains("OutOfMemory", StringComparison.OrdinalIgnoreCase)
            ? double.NaN
            : throw new InvalidOperationException($"The run failed: {problem}");
    }

    private static async Task MeasureAsync(string how, string file, string output)
    {
        var options = new FineTuningServiceOptions
        {
            ModelPath = Model, Threads = 1, Epochs = 1, LearningRate = 0.001,
        };
        byte[] model = await File.ReadAllBytesAsync(options.ModelPath).ConfigureAwait(false);
        var engine = new TrainingEngine(new CurrentOptions(options), TimeProvider.System);
        var schema = engine.Describe(model);
        using var store = new SqliteSampleStore(file, new SampleLimits(1_000_000));
        var snapshot = await store.TakeSnapshotAsync(CancellationToken.None).ConfigureAwait(false);
        if (how == Whole)
            snapshot = snapshot with { Training = [.. snapshot.Training], HeldOut = [.. snapshot.HeldOut] };
        snapshot = SnapshotFit.Of(snapshot, schema, out _, out _);
        var parts = HeldOutSplit.Of(snapshot.HeldOut, options.EarlyStopping);
        var job = new TrainingJob(
            model, new SampleDataset(schema, snapshot.Training), new SampleDataset(schema, parts.Choosing), 1, output + ".checkpoint", output);
        await engine.TrainAsync(job, static _ => { }, CancellationToken.None).ConfigureAwait(false);
        byte[] candidate = await File.ReadAllBytesAsync(output).ConfigureAwait(false);
        await engine.ScoreAsync(candidate, new SampleDataset(schema, parts.Deciding), null, CancellationToken.None).ConfigureAwait(false);
        await store.ReleaseSnapshotAsync(snapshot.Id, used: false, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Fills a store; gives the bytes of the samples' tensors.</summary>
    private static async Task<long> FillAsync(string file, int samples)
    {
        using var store = new SqliteSampleStore(file, new SampleLimits(1_000_000));
        var random = new Random(1);
        var input = SampleSchema.Of(ArtifactGenerator.Generate(OnnxModel.Load(Model)).Manifest).Inputs[0];
        float[] pixels = new float[input.SampleShape.Aggregate(1L, static (product, extent) => product * extent)];
        long bytes = 0;
        for (int done = 0; done < samples; done += BatchOfStore)
        {
            var batch = new List<StoredSample>();
            for (int sample = done; sample < Math.Min(samples, done + BatchOfStore); sample++)
            {
                foreach (ref float pixel in pixels.AsSpan())
                    pixel = random.NextSingle();
                var image = SampleTensor.Of<float>(pixels, [.. input.SampleShape]);
                bytes += image.Bytes.Length;
                batch.Add(new StoredSample(
                    new Sample(input.Name, image, SampleTensor.Scalar(random.NextInt64(10))), sample % InHeldOut == 0 ? SampleRole.HeldOut : SampleRole.Training));
            }

            await store.AddAsync(batch, CancellationToken.None).ConfigureAwait(false);
        }

        return bytes;
    }
}
