using System.Globalization;
using System.Text.Json.Nodes;
using OrtAdaMomentum.Bench.Peers;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// The AdaMomentum step (28 bytes for each parameter: four reads, three writes; 32 with the check for gradients that are not finite, which
/// reads them once more before anything is written) against in-place axpy and triad (12 bytes), which go through as much memory as a step: two
/// buffers of twice the length or three of 4/3, where a step has four; against the same step as a graph of ordinary operators; and against
/// libtorch's Adam and AdamW.
/// </summary>
internal static class StepBench
{
    private const double StepBytes = 28, CheckedBytes = 32, StreamBytes = 12, Giga = 1e9, Seconds = 1;
    private const int ManyTensors = 200;

    private static readonly (int Size, int Tensors)[] _cases =
    [
        (1_000, 1), (10_000, 1), (100_000, 1), (100_000, ManyTensors), (1_000_000, 1), (1_000_000, ManyTensors),
        (10_000_000, 1), (10_000_000, ManyTensors), (100_000_000, 1),
    ];

    /// <param name="args">The largest number of parameters.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        int largest = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out int given) ? given : _cases[^1].Size;
        var (peer, about) = TorchSharpProgram.Prepare();
        results.Line(peer is null ? $"TorchSharp is left out: {about}" : about);
        results.Line("rates in GB/s; ratios to axpy, which is 1");
        results.Line();
        results.Head([], "parameters", "tensors", "threads", "axpy", "triad", "step, no check", "ratio", "step with check", "ratio", "us with check", "graph us", "Adam us", "AdamW us");
        foreach (var (size, tensors) in _cases.Where(entry => entry.Size <= largest))
        {
            foreach (int threads in new[] { 1, 2 })
                Measure(size, tensors, threads, peer, results);
        }
    }

    private static void Measure(int size, int tensors, int threads, string? peer, Results results)
    {
        string number = Invariant($"{size}"), pieces = Invariant($"{tensors}"), count = Invariant($"{threads}");
        using var contest = new Contest();
        contest.Add("axpy", WorkerProcess.StartOurs, Worker.Axpy, Invariant($"{2 * size}"), count);
        contest.Add("triad", WorkerProcess.StartOurs, Worker.Triad, Invariant($"{size / 3 * 4}"), count);
        contest.Add("bare", WorkerProcess.StartOurs, Worker.Step, number, pieces, count, bool.FalseString);
        contest.Add("checked", WorkerProcess.StartOurs, Worker.Step, number, pieces, count, bool.TrueString);
        if (tensors == 1)
            contest.Add("graph", WorkerProcess.StartOurs, Worker.StepGraph, number, count);
        foreach (string optimizer in peer is null ? [] : new[] { "adam", "adamw" })
            contest.Add(optimizer, () => WorkerProcess.Start(peer!, []), "step", optimizer, number, pieces, count);
        contest.Sample(Seconds);

        double axpy = 2 * size * StreamBytes / contest.Find("axpy")!.Seconds / Giga, triad = size / 3 * 4 * StreamBytes / contest.Find("triad")!.Seconds / Giga;
        double bare = size * StepBytes / contest.Find("bare")!.Seconds / Giga, full = size * CheckedBytes / contest.Find("checked")!.Seconds / Giga;
        string Time(string name) => contest.Find(name) is { } contender ? Invariant($"{contender.Seconds * 1e6:F1}") : string.Empty;
        results.Line(Invariant(
            $"| {size} | {tensors} | {threads} | {axpy:F1} | {triad:F1} | {bare:F1} | {bare / axpy:F2} | {full:F1} | {full / axpy:F2} | {Time("checked")} | {Time("graph")} | {Time("adam")} | {Time("adamw")} |"));
        var entry = new JsonObject { ["parameters"] = size, ["tensors"] = tensors, ["threads"] = threads };
        foreach (var contender in contest.Contenders)
            entry[contender.Name + "Seconds"] = contender.Seconds;
        results.Add("step", entry);
    }
}
