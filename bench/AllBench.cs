using OrtAdaMomentum.Bench.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>The parts that docs/performance.md rests on, one after the other.</summary>
internal static class AllBench
{
    private const string Quick = "--quick", QuickLargestStep = "1000000";

    /// <param name="args">Passed on to the part on whole steps; <c>--quick</c> shortens the others too.</param>
    public static void Run(string[] args)
    {
        bool quick = args.Contains(Quick);
        StepBench.Run(quick ? [QuickLargestStep] : []);
        Console.WriteLine();
        if (!quick)
        {
            GenerateBench.Run([]);
            Console.WriteLine();
            GenerateModelBench.Run([]);
            Console.WriteLine();
        }

        WholeStepBench.Run(args);
    }
}
