using System.Globalization;
using System.Text.Json;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Runtime;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Training;

/// <summary>Where the time of a model's forward and backward pass goes, by operator and by node, as ONNX Runtime's profiler has it.</summary>
internal static class ProfileBench
{
    private const int WarmUpRuns = 3, Runs = 10, Shown = 14;

    private sealed record Node(string Operator, string Name, string Output, double Microseconds);

    /// <param name="args">A model's name or <c>all</c>; then, if wanted, a mode, the number of threads, and <c>off</c> for no kernels.</param>
    public static void Run(string[] args)
    {
        string mode = args.Length > 1 ? args[1] : Modes.Full;
        int threads = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
        var kernels = args is [_, _, _, "off"] ? KernelUse.Off : KernelUse.On;
        var models = args.Length > 0 && args[0] != "all" ? [ModelCase.Named(args[0])] : ModelCase.All;
        foreach (var model in models)
            Report(model, mode, threads, kernels);
    }

    private static void Report(ModelCase model, string mode, int threads, KernelUse kernels)
    {
        var nodes = Profile(model, mode, threads, kernels);
        double total = nodes.Sum(static node => node.Microseconds);
        Console.WriteLine(Invariant($"## {model.Name}, {mode}, threads {threads}, kernels {kernels}: {total / Runs / 1e3:F2} ms in {nodes.Count / Runs} nodes (mean of {Runs} runs, profiler on)"));
        Console.WriteLine();
        Console.WriteLine("| operator | nodes | ms | share |");
        Console.WriteLine("|:---------|------:|---:|------:|");
        foreach (var group in nodes.GroupBy(static node => node.Operator).OrderByDescending(static group => group.Sum(static node => node.Microseconds)).Take(Shown))
            Row($"{group.Key} | {group.Count() / Runs}", group, total);
        Console.WriteLine();
        Console.WriteLine("| node | output | ms | share |");
        Console.WriteLine("|:-----|:-------|---:|------:|");
        foreach (var group in nodes.GroupBy(static node => $"{node.Operator} {node.Name} | {node.Output}").OrderByDescending(static group => group.Sum(static node => node.Microseconds)).Take(Shown))
            Row(group.Key, group, total);
        Console.WriteLine();
    }

    private static void Row(string label, IEnumerable<Node> nodes, double total)
    {
        double microseconds = nodes.Sum(static node => node.Microseconds);
        Console.WriteLine(Invariant($"| {label} | {microseconds / Runs / 1e3:F3} | {microseconds / total:P1} |"));
    }

    private static List<Node> Profile(ModelCase model, string mode, int threads, KernelUse kernels)
    {
        string prefix = Path.Combine(Path.GetTempPath(), $"bench-profile-{Environment.ProcessId}-{model.Name}");
        var options = new FineTuningOptions { Threads = threads, Kernels = kernels };
        var artifacts = model.Generate(mode);
        var training = artifacts.TrainingModel;
        bool substitute = kernels == KernelUse.On && KernelDomain.IsThere;
        var session = RuntimeSession.Open(substitute ? KernelSubstitution.Apply(training, KernelRegistry.Wins) : training, options, settings =>
        {
            if (substitute)
                KernelDomain.AddTo(settings);
            settings.EnableProfiling = true;
            settings.ProfileOutputPathPrefix = prefix;
        });
        string file;
        var weights = ModelProto.Parser.ParseFrom(artifacts.ReadBaseModel()).Graph.Initializer.ToDictionary(static tensor => tensor.Name);
        using (var bound = new BoundSession(session, model.Batch, weights))
        {
            for (int run = 0; run < WarmUpRuns + Runs; run++)
                bound.Run();
            file = bound.EndProfiling();
        }

        try
        {
            return Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static List<Node> Read(string file)
    {
        const string suffix = "_kernel_time";
        using var profile = JsonDocument.Parse(File.ReadAllBytes(file));
        List<Node> nodes = [];
        int run = -1;
        foreach (var entry in profile.RootElement.EnumerateArray())
        {
            string name = entry.GetProperty("name").GetString()!;
            if (name.EndsWith(suffix, StringComparison.Ordinal) && entry.GetProperty("args").TryGetProperty("op_name", out var operation))
                nodes.Add(new Node(operation.GetString()!, name[..^suffix.Length], Shape(entry), entry.GetProperty("dur").GetDouble()));
            else if (name == "model_run")
                run++;
        }

        // A run's entry follows its nodes, so the first runs are the first of equal parts.
        int each = nodes.Count / (run + 1);
        return nodes[(WarmUpRuns * each)..];
    }

    private static string Shape(JsonElement entry) =>
        entry.GetProperty("args").TryGetProperty("output_type_shape", out var shapes)
            ? string.Join(' ', shapes.EnumerateArray().SelectMany(static shape => shape.EnumerateObject()).Select(static shape => shape.Value.GetRawText().Replace(" ", string.Empty, StringComparison.Ordinal)))
            : string.Empty;
}
