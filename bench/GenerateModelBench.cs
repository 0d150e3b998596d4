using System.Diagnostics;
using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Onnx;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// Time and peak memory of making artifacts from a model file: one that is given, or BERT-base (12 layers of 768, 110 million
/// parameters). A process of its own does it, so that its peak is that of loading, generating and writing.
/// </summary>
internal static class GenerateModelBench
{
    private const string Alone = "--alone";

    public static void Run(string[] args, Results results)
    {
        if (args is [Alone, var file, var target])
        {
            Generate(file, target);
            return;
        }

        string folder = Directory.CreateTempSubdirectory("generate-model").FullName;
        try
        {
            string model = args.Length > 0 && args[0][0] != '-' ? args[0] : WriteBert(Path.Combine(folder, "bert-base.onnx"));
            string[] arguments = ["generate-model", Alone, model, Path.Combine(folder, "artifacts")];
            using var child = Process.Start(new ProcessStartInfo(WorkerProcess.OwnProgram, arguments) { RedirectStandardOutput = true })!;
            results.Line(child.StandardOutput.ReadToEnd().TrimEnd());
            child.WaitForExit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WriteBert(string path)
    {
        using var stream = File.Create(path);
        BertModel.Create(layers: 12, hidden: 768, heads: 12, vocabulary: 30_522, positions: 512).WriteTo(stream);
        return path;
    }

    private static void Generate(string file, string target)
    {
        var process = Process.GetCurrentProcess();
        long before = process.PeakWorkingSet64;
        long size = new FileInfo(file).Length;
        var clock = Stopwatch.StartNew();
        var model = OnnxModel.Load(file);
        double loaded = clock.Elapsed.TotalSeconds;
        var artifacts = ArtifactGenerator.Generate(model);
        double generated = clock.Elapsed.TotalSeconds;
        artifacts.Save(target);
        double saved = clock.Elapsed.TotalSeconds;
        process.Refresh();
        long peak = process.PeakWorkingSet64;
        Console.WriteLine(Invariant(
            $"{Path.GetFileName(file)}: {size / 1e6:F0} MB, {artifacts.Manifest.ForwardNodes} nodes, training graph {artifacts.Manifest.TrainingNodes} nodes"));
        Console.WriteLine(Invariant($"load {loaded:F2} s, generate {generated - loaded:F2} s, write {saved - generated:F2} s"));
        Console.WriteLine(Invariant(
            $"peak memory {peak / 1e6:F0} MB, {before / 1e6:F0} MB of it before loading: {(double)(peak - before) / size:F2} times the file"));
    }
}
