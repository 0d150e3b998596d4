using System.Text.Json.Nodes;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Bench.Peers;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Training;

/// <summary>Whole training steps of each model: ours with AdaMomentum, with kernels and without, TorchSharp's with AdamW.</summary>
internal static class WholeStepBench
{
    private const string Peer = "TorchSharp", Product = "product";

    /// <param name="args"><c>--quick</c>, and names of models and modes; without names all.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        var models = ModelCase.All.Where(model => args.Contains(model.Name)).ToArray() is { Length: > 0 } named ? named : [.. ModelCase.All];
        string[] modes = Modes.All.Where(args.Contains).ToArray() is { Length: > 0 } chosen ? chosen : Modes.All;
        double budget = args.Contains("--quick") ? 1 : 5;
        var (peer, about) = TorchSharpProgram.Prepare();
        results.Set("peer", about);
        results.Line(peer is null ? $"{Peer} is left out: {about}" : about);
        results.Line();
        results.Head(
            ["model", "trains"],
            "threads", "side", "ms", "optimizer ms", "ratio", "GFLOP/s", "share of product rate", "peak MB", "first step ms", "samples", "disturbed");
        foreach (var model in models)
        {
            foreach (string mode in modes)
            {
                foreach (int threads in new[] { 1, 2 })
                    Measure(model, mode, threads, peer, budget, results);
            }
        }
    }

    private static void Measure(ModelCase model, string mode, int threads, string? peer, double budget, Results results)
    {
        string folder = Directory.CreateTempSubdirectory("whole-step").FullName;
        using var contest = new Contest();
        try
        {
            var artifacts = model.Generate(mode);
            artifacts.Save(folder);
            double operations = Operations.InStep(model.Create(), model.Batch, artifacts.Manifest.Trainable.Select(static parameter => parameter.Name).ToHashSet());
            string count = Invariant($"{threads}");
            contest.Add(Product, WorkerProcess.StartOurs, Worker.Product, count);
            foreach (var kernels in new[] { KernelUse.Off, KernelUse.On })
                contest.Add($"ours, kernels {(kernels == KernelUse.On ? "on" : "off")}", WorkerProcess.StartOurs, Worker.Training, model.Name, count, kernels.ToString(), folder);
            if (peer is not null)
                contest.Add(Peer, () => WorkerProcess.Start(peer, []), "train", model.Name, mode, count);
            SameParameters(model, mode, contest);
            contest.Sample(budget);
            Report(model, mode, threads, operations, contest, results);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Steps of models that are not the same say nothing about each other.</summary>
    private static void SameParameters(ModelCase model, string mode, Contest contest)
    {
        var counts = contest.Contenders.Where(static contender => contender.Name != Product).Select(static contender => contender.Worker.ParameterCount()).Distinct().ToList();
        if (counts.Count > 1)
            throw new InvalidOperationException(Invariant($"{model.Name}, {mode}: the sides train different numbers of parameters: {string.Join(", ", counts)}."));
    }

    private static void Report(ModelCase model, string mode, int threads, double operations, Contest contest, Results results)
    {
        double? rate = contest.Find(Product) is { } product ? ProductWorkload.Operations / product.Seconds : null;
        double? theirs = contest.Find(Peer)?.Seconds;
        foreach (var contender in contest.Contenders.Where(static contender => contender.Name != Product))
        {
            double seconds = contender.Seconds, optimizer = contender.Median(static sample => sample.OptimizerSeconds);
            double peak = contender.Worker.PeakBytes();
            results.Line(Invariant(
                $"| {model.Name} | {mode} | {threads} | {contender.Name} | {seconds * 1e3:F3} | {optimizer * 1e3:F3} | {seconds / theirs:F2} | {operations / seconds / 1e9:F1} | {operations / seconds / rate:P0} | {peak / 1e6:F0} | {contender.FirstSeconds * 1e3:F0} | {contender.Samples.Count} | {contender.Disturbed} |"));
            results.Add("steps", new JsonObject
            {
                ["model"] = model.Name, ["shape"] = model.About, ["trains"] = mode, ["threads"] = threads, ["side"] = contender.Name,
                ["seconds"] = seconds, ["optimizerSeconds"] = optimizer, ["ratio"] = seconds / theirs, ["operations"] = operations, ["productRate"] = rate,
                ["peakBytes"] = peak, ["firstStepSeconds"] = contender.FirstSeconds, ["samples"] = contender.Samples.Count, ["disturbed"] = contender.Disturbed,
            });
        }
    }
}
