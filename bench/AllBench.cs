using OrtAdaMomentum.Bench.Memory;
using OrtAdaMomentum.Bench.Start;
using OrtAdaMomentum.Bench.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>The parts that docs/performance.md rests on, one after the other.</summary>
internal static class AllBench
{
    private const string QuickLargestStep = "1000000";

    /// <param name="args">Names of models and modes for the whole steps; <c>--quick</c> shortens some parts and leaves out the rest.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        bool quick = args.Contains("--quick");
        Part(results, "Optimizer step", () => StepBench.Run(quick ? [QuickLargestStep] : [], results));
        Part(results, "Whole steps", () => WholeStepBench.Run(args, results));
        if (quick)
            return;
        Part(results, "Frozen parts", () => FrozenBench.Run([], results));
        Part(results, "Threads", () => ThreadsBench.Run(results));
        Part(results, "Memory", () => MemoryBench.Run([], results));
        Part(results, "Recomputation", () => RecomputeBench.Run([], results));
        Part(results, "Generation", () => GenerateBench.Run(results));
        Part(results, "Generation from a file", () => GenerateModelBench.Run([], results));
        Part(results, "Start", () => StartBench.Run([], results));
    }

    private static void Part(Results results, string title, Action run)
    {
        results.Line($"## {title}");
        results.Line();
        run();
        results.Line();
    }
}
