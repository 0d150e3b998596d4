using System.Text.Json.Nodes;
using OrtAdaMomentum.Bench.Memory;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Training;

/// <summary>What recomputation saves and costs: peak memory beside parameters, gradients and moments, and the time of a step.</summary>
internal static class RecomputeBench
{
    private const double Seconds = 4;

    /// <param name="args">Names of models; without any the encoder.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        results.Head(["model"], "threads", "kept MB", "kept MB, recomputing", "ratio", "ms", "ms, recomputing", "ratio");
        foreach (var model in ModelCase.All.Where(model => args.Contains(model.Name)).DefaultIfEmpty(MiniLm.Case))
        {
            foreach (int threads in new[] { 1, 2 })
                Measure(model, threads, results);
        }
    }

    private static void Measure(ModelCase model, int threads, Results results)
    {
        string folder = Directory.CreateTempSubdirectory("recompute").FullName;
        using var contest = new Contest();
        try
        {
            List<double> kept = [];
            foreach (string mode in new[] { Modes.Full, ModelCase.Recompute })
            {
                var artifacts = model.Generate(mode);
                artifacts.Save(Path.Combine(folder, mode));
                kept.Add(MemoryBench.PeakBytes(model, mode, threads) - FineTuningSession.EstimateMemory(artifacts, model.Batch).StateBytes);
                contest.Add(mode, WorkerProcess.StartOurs, Worker.Training, model.Name, Invariant($"{threads}"), nameof(KernelUse.On), Path.Combine(folder, mode));
            }

            contest.Sample(Seconds);
            double[] seconds = [.. contest.Contenders.Select(static contender => contender.Seconds)];
            results.Line(Invariant(
                $"| {model.Name} | {threads} | {kept[0] / 1e6:F1} | {kept[1] / 1e6:F1} | {kept[1] / kept[0]:F2} | {seconds[0] * 1e3:F1} | {seconds[1] * 1e3:F1} | {seconds[1] / seconds[0]:F2} |"));
            results.Add("recompute", new JsonObject
            {
                ["model"] = model.Name, ["threads"] = threads, ["keptBytes"] = kept[0], ["keptBytesRecomputing"] = kept[1],
                ["seconds"] = seconds[0], ["secondsRecomputing"] = seconds[1],
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
