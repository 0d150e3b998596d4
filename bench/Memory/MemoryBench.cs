using System.Diagnostics;
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
    private const int WarmUpSteps = 5, EarlySteps = 1_000, LateSteps = 10_000;

    /// <param name="args">Names of models, without any all; or <c>growth</c> for the growth alone.</param>
    public static void Run(string[] args)
    {
        switch (args)
        {
            case [Alone, var name, var folder]:
                MeasurePeak(ModelCase.Named(name), folder);
                return;
            case [Growth, var folder]:
                MeasureGrowth(folder);
                return;
        }

        if (args is not ["growth"])
        {
            Console.WriteLine("megabytes; peak and state are above what the process had with ONNX Runtime loaded and the artifacts read");
            Console.WriteLine("| model | peak | parameters, gradients, moments and batch | values | estimate | estimate / peak |");
            Console.WriteLine("|:------|-----:|-----------------------------------------:|-------:|---------:|----------------:|");
            foreach (var model in ModelCase.All.Where(model => args.Length == 0 || args.Contains(model.Name)))
                InOwnProcess(model, [Alone, model.Name]);
        }

        if (args.Length == 0 || args is ["growth"])
            InOwnProcess(LeNet.Case, [Growth]);
    }

    private static void InOwnProcess(ModelCase model, string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("memory").FullName;
        try
        {
            model.Generate(Modes.Full).Save(folder);
            using var child = Process.Start(WorkerProcess.OwnProgram, ["memory", .. arguments, folder]);
            child.WaitForExit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void MeasurePeak(ModelCase model, string folder)
    {
        RuntimeWarmUp.Run(new FineTuningOptions());
        var artifacts = TrainingArtifacts.Load(folder);
        long before = ResidentBytes();
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { Threads = Environment.ProcessorCount });
        using var batch = session.CreateBatch(model.Batch);
        RandomInputs.Fill(batch, session.Manifest);
        for (int step = 0; step < WarmUpSteps; step++)
            Step(session, batch);
        double peak = ProcessUsage.PeakResidentBytes() - before;
        var estimate = FineTuningSession.EstimateMemory(artifacts, model.Batch);
        Console.WriteLine(Invariant(
            $"| {model.Name} | {peak / 1e6:F1} | {estimate.StateBytes / 1e6:F1} | {estimate.ValueBytes / 1e6:F1} | {estimate.TotalBytes / 1e6:F1} | {estimate.TotalBytes / peak:F2} |"));
    }

    private static void MeasureGrowth(string folder)
    {
        using var session = new FineTuningSession(TrainingArtifacts.Load(folder), new FineTuningOptions { Threads = 1 });
        using var batch = session.CreateBatch(1);
        RandomInputs.Fill(batch, session.Manifest);
        long early = 0, allocated = 0;
        for (int step = 0; step < LateSteps; step++)
        {
            if (step == EarlySteps)
            {
                early = ResidentBytes();
                allocated = GC.GetTotalAllocatedBytes(precise: true);
            }

            Step(session, batch);
        }

        long late = ResidentBytes();
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine(Invariant(
            $"growth: {early / 1e6:F2} MB resident after {EarlySteps} steps of LeNet-5, {late / 1e6:F2} MB after {LateSteps}: {(late - early) / 1e3:F0} kB more, with {allocated / 1e3:F0} kB allocated from managed memory and {GC.CollectionCount(0)} collections"));
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
