using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Bench.Models;
using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Memory;

/// <summary>
/// Memory of training: the peak of each model in a process of its own, less what that process had before it opened the session, beside the
/// estimate; and whether a process grows over many steps.
/// </summary>
internal static class MemoryBench
{
    private const string Alone = "--alone", Growth = "--growth";
    private const int WarmUpSteps = 5;

    private static readonly int[] _growthSteps = [1_000, 10_000, 20_000, 50_000];

    /// <param name="args">Names of models, without any all; or <c>growth</c> for the growth alone.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        switch (args)
        {
            case [Alone, var name, var threads, var folder]:
                Console.WriteLine(MeasurePeak(ModelCase.Named(name), int.Parse(threads, CultureInfo.InvariantCulture), folder).ToString(CultureInfo.InvariantCulture));
                return;
            case [Growth, var folder]:
                Console.WriteLine(MeasureGrowth(folder));
                return;
        }

        if (args is not ["growth"])
        {
            results.Line("megabytes; peak and state are above what the process had with ONNX Runtime loaded and the artifacts read");
            results.Head(["model"], "peak", "parameters, gradients, moments and batch", "values", "estimate", "estimate / peak");
            var named = ModelCase.All.Where(model => args.Contains(model.Name)).ToList();
            foreach (var model in named.Count > 0 ? named : [.. ModelCase.All])
                Compare(model, results);
        }

        if (args.Length == 0 || args is ["growth"])
            results.Line(InOwnProcess(LeNet.Case, Modes.Full, [Growth]));
    }

    /// <summary>The peak of some steps above what the process had with ONNX Runtime loaded and the artifacts read, in bytes.</summary>
    public static double PeakBytes(ModelCase model, string mode, int threads) =>
        double.Parse(InOwnProcess(model, mode, [Alone, model.Name, Invariant($"{threads}")]), CultureInfo.InvariantCulture);

    private static void Compare(ModelCase model, Results results)
    {
        double peak = PeakBytes(model, Modes.Full, Environment.ProcessorCount);
        var estimate = FineTuningSession.EstimateMemory(model.Generate(Modes.Full), model.Batch);
        results.Line(Invariant(
            $"| {model.Name} | {peak / 1e6:F1} | {estimate.StateBytes / 1e6:F1} | {estimate.ValueBytes / 1e6:F1} | {estimate.TotalBytes / 1e6:F1} | {estimate.TotalBytes / peak:F2} |"));
        results.Add("memory", new JsonObject { ["model"] = model.Name, ["peakBytes"] = peak, ["stateBytes"] = estimate.StateBytes, ["valueBytes"] = estimate.ValueBytes, ["estimateBytes"] = estimate.TotalBytes });
    }

    /// <summary>What this program, started with the arguments and a folder of artifacts, prints.</summary>
    private static string InOwnProcess(ModelCase model, string mode, string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("memory").FullName;
        try
        {
            model.Generate(mode).Save(folder);
            using var child = Process.Start(new ProcessStartInfo(WorkerProcess.OwnProgram, ["memory", .. arguments, folder]) { RedirectStandardOutput = true })!;
            string said = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            return said.Trim();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long MeasurePeak(ModelCase model, int threads, string folder)
    {
        RuntimeWarmUp.Run(new FineTuningOptions());
        var artifacts = TrainingArtifacts.Load(folder);
        long before = ResidentBytes();
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { Threads = threads });
        using var batch = session.CreateBatch(model.Batch);
        RandomInputs.Fill(batch, session.Manifest);
        for (int step = 0; step < WarmUpSteps; step++)
            Step(session, batch);
        return ProcessUsage.PeakResidentBytes() - before;
    }

    private static string MeasureGrowth(string folder)
    {
        using var session = new FineTuningSession(TrainingArtifacts.Load(folder), new FineTuningOptions { Threads = 1 });
        using var batch = session.CreateBatch(1);
        RandomInputs.Fill(batch, session.Manifest);
        List<string> sizes = [];
        int done = 0;
        foreach (int steps in _growthSteps)
        {
            for (; done < steps; done++)
                Step(session, batch);
            // What managed memory holds until its next collection is no growth.
            GC.Collect();
            sizes.Add(Invariant($"{ResidentBytes() / 1e6:F2} after {steps}"));
        }

        return $"resident MB of steps of LeNet-5 on one sample, after a collection: {string.Join(", ", sizes)}";
    }

    private static void Step(FineTuningSession session, TrainingBatch batch)
    {
        session.TrainStep(batch);
        session.OptimizerStep();
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
