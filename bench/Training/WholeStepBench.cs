using System.Diagnostics;
using System.Text.Json.Nodes;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Bench.Peers;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Training;

/// <summary>
/// Whole training steps of each model: ours with AdaMomentum, with kernels and without, TorchSharp's with AdamW. Each runs in a process of
/// its own; samples are taken in turn, and one during which its process lost a core is repeated.
/// </summary>
internal static class WholeStepBench
{
    private const int Retries = 4, LeastRounds = 5, MostRounds = 31;
    private const double SampleSeconds = 0.02;

    private sealed record Contender(string Name, WorkerProcess Worker, double FirstSeconds)
    {
        public int Calls { get; set; } = 1;

        public int Disturbed { get; set; }

        public List<WorkerSample> Samples { get; } = [];

        public double Median(Func<WorkerSample, double> part)
        {
            double[] times = [.. Samples.Select(part).Order()];
            return times[times.Length / 2];
        }
    }

    /// <param name="args"><c>--quick</c>, <c>--json FILE</c>, <c>--markdown FILE</c>, and names of models and modes; without names all.</param>
    public static void Run(string[] args)
    {
        var models = ModelCase.All.Where(model => args.Contains(model.Name)).ToArray() is { Length: > 0 } named ? named : [.. ModelCase.All];
        string[] modes = Modes.All.Where(args.Contains).ToArray() is { Length: > 0 } chosen ? chosen : Modes.All;
        double budget = args.Contains("--quick") ? 1 : 5;
        var (peer, about) = TorchSharpProgram.Prepare();
        List<string> lines = [peer is null ? $"TorchSharp is left out: {about}" : about, string.Empty,
            "| model | trains | threads | side | ms | optimizer ms | ratio | GFLOP/s | share of product rate | peak MB | first step ms | samples | disturbed |",
            "|:------|:-------|--------:|:-----|---:|-------------:|------:|--------:|----------------------:|--------:|--------------:|--------:|----------:|"];
        lines.ForEach(Console.WriteLine);
        JsonArray results = [];
        foreach (var model in models)
        {
            foreach (string mode in modes)
            {
                foreach (int threads in new[] { 1, 2 })
                    Measure(model, mode, threads, peer, budget, lines, results);
            }
        }

        if (Value(args, "--markdown") is { } markdown)
            File.WriteAllLines(markdown, lines);
        if (Value(args, "--json") is { } json)
            File.WriteAllText(json, new JsonObject { ["processor"] = ProcessorName(), ["cores"] = Environment.ProcessorCount, ["peer"] = about, ["steps"] = results }.ToJsonString());
    }

    private static void Measure(ModelCase model, string mode, int threads, string? peer, double budget, List<string> lines, JsonArray results)
    {
        string folder = Directory.CreateTempSubdirectory("whole-step").FullName;
        List<Contender> contenders = [];
        try
        {
            var artifacts = model.Generate(mode);
            artifacts.Save(folder);
            double operations = Operations.InStep(model.Create(), model.Batch, artifacts.Manifest.Trainable.Select(static parameter => parameter.Name).ToHashSet());
            string count = Invariant($"{threads}");
            void Add(string name, Func<WorkerProcess> start, params string[] workload)
            {
                var worker = start();
                try
                {
                    contenders.Add(new Contender(name, worker, worker.Open(workload)));
                }
                catch (WorkerException problem)
                {
                    Console.WriteLine($"{name} is left out of {model.Name}: {problem.Message}");
                    worker.Dispose();
                }
            }

            Add("product", WorkerProcess.StartOurs, Worker.Product, count);
            foreach (var kernels in new[] { KernelUse.Off, KernelUse.On })
                Add($"ours, kernels {(kernels == KernelUse.On ? "on" : "off")}", WorkerProcess.StartOurs, Worker.Training, model.Name, count, kernels.ToString(), folder);
            if (peer is not null)
                Add("TorchSharp", () => WorkerProcess.Start(peer, []), "train", model.Name, mode, count);
            Sample(contenders, budget);
            Report(model, mode, threads, operations, contenders, lines, results);
        }
        finally
        {
            contenders.ForEach(static contender => contender.Worker.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Sample(List<Contender> contenders, double budget)
    {
        foreach (var contender in contenders)
        {
            contender.Worker.Sample(2);
            contender.Calls = (int)Math.Clamp(SampleSeconds / contender.Worker.Sample(2).Seconds, 1, 1_000);
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < LeastRounds || (round < MostRounds && Stopwatch.GetElapsedTime(start).TotalSeconds < budget); round++)
            contenders.ForEach(Sample);
    }

    private static void Sample(Contender contender)
    {
        WorkerSample? best = null;
        for (int attempt = 0; attempt < Retries; attempt++)
        {
            var sample = contender.Worker.Sample(contender.Calls);
            if (best is null || sample.LostCores == 0 || sample.Seconds < best.Value.Seconds)
                best = sample;
            if (sample.LostCores == 0)
                break;
        }

        contender.Disturbed += best!.Value.LostCores > 0 ? 1 : 0;
        contender.Samples.Add(best.Value);
    }

    private static void Report(ModelCase model, string mode, int threads, double operations, List<Contender> contenders, List<string> lines, JsonArray results)
    {
        double? rate = contenders.Find(static contender => contender.Name == "product") is { } product ? ProductWorkload.Operations / product.Median(static sample => sample.Seconds) : null;
        double? theirs = contenders.Find(static contender => contender.Name == "TorchSharp")?.Median(static sample => sample.Seconds);
        foreach (var contender in contenders.Where(static contender => contender.Name != "product"))
        {
            double seconds = contender.Median(static sample => sample.Seconds), optimizer = contender.Median(static sample => sample.OptimizerSeconds);
            double peak = contender.Worker.PeakBytes();
            string line = Invariant(
                $"| {model.Name} | {mode} | {threads} | {contender.Name} | {seconds * 1e3:F3} | {optimizer * 1e3:F3} | {seconds / theirs:F2} | {operations / seconds / 1e9:F1} | {operations / seconds / rate:P0} | {peak / 1e6:F0} | {contender.FirstSeconds * 1e3:F0} | {contender.Samples.Count} | {contender.Disturbed} |");
            Console.WriteLine(line);
            lines.Add(line);
            results.Add(new JsonObject
            {
                ["model"] = model.Name, ["shape"] = model.About, ["trains"] = mode, ["threads"] = threads, ["side"] = contender.Name,
                ["seconds"] = seconds, ["optimizerSeconds"] = optimizer, ["ratio"] = seconds / theirs, ["operations"] = operations, ["productRate"] = rate,
                ["peakBytes"] = peak, ["firstStepSeconds"] = contender.FirstSeconds, ["samples"] = contender.Samples.Count, ["disturbed"] = contender.Disturbed,
            });
        }
    }

    private static string? Value(string[] args, string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static string ProcessorName() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : "unknown";
}
