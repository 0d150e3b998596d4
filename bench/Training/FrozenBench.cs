using System.Text.Json.Nodes;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Training;

/// <summary>
/// Training steps of the last layers against their parts: the forward pass of what is frozen, and a training step of what is left, each a
/// model of its own.
/// </summary>
internal static class FrozenBench
{
    // What the trained part may cost more than by itself.
    private const double Allowed = 1.2;

    private const double Seconds = 2;

    /// <param name="args">Names of models; without any all.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        results.Head(["model", "trains"], "threads", "frozen forward ms", "trained part ms", "step ms", "step / (forward + 1.2 trained part)");
        foreach (var model in ModelCase.All.Where(model => args.All(static name => ModelCase.All.All(other => other.Name != name)) || args.Contains(model.Name)))
        {
            foreach (string mode in new[] { Modes.Head, Modes.Tail })
            {
                foreach (int threads in new[] { 1, 2 })
                    Measure(model, mode, threads, results);
            }
        }
    }

    private static void Measure(ModelCase model, string mode, int threads, Results results)
    {
        string folder = Directory.CreateTempSubdirectory("frozen").FullName;
        using var contest = new Contest();
        try
        {
            string begin = model.Trained(mode)!.Begin, count = Invariant($"{threads}"), frozen = Path.Combine(folder, "frozen.onnx");
            string whole = Path.Combine(folder, "whole"), part = Path.Combine(folder, "part");
            File.WriteAllBytes(frozen, ModelPart.Before(model.Create(), begin).ToBytes());
            model.Generate(mode).Save(whole);
            (model with { Create = () => ModelPart.After(model.Create(), begin, model.Batch) }).Generate(mode).Save(part);
            contest.Add("forward", WorkerProcess.StartOurs, Worker.Forward, model.Name, count, frozen);
            contest.Add("part", WorkerProcess.StartOurs, Worker.Training, model.Name, count, nameof(KernelUse.On), part);
            contest.Add("step", WorkerProcess.StartOurs, Worker.Training, model.Name, count, nameof(KernelUse.On), whole);
            contest.Sample(Seconds);
            double forward = contest.Contenders[0].Seconds, trained = contest.Contenders[1].Seconds, step = contest.Contenders[2].Seconds;
            results.Line(Invariant(
                $"| {model.Name} | {mode} | {threads} | {forward * 1e3:F3} | {trained * 1e3:F3} | {step * 1e3:F3} | {step / (forward + (Allowed * trained)):F2} |"));
            results.Add("frozen", new JsonObject
            {
                ["model"] = model.Name, ["trains"] = mode, ["threads"] = threads, ["forwardSeconds"] = forward, ["trainedSeconds"] = trained, ["stepSeconds"] = step,
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
