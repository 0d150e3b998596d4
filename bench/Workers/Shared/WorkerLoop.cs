using System.Diagnostics;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// The worker's side of the protocol, one line for each command and one for each answer:
/// <c>open WORKLOAD ARGUMENTS...</c> does the workload once and answers <c>ok</c>;
/// <c>sample CALLS</c> answers <c>ok SECONDS OPTIMIZER_SECONDS LOST_CORES</c>, the times for one call;
/// <c>parameters</c> answers <c>ok COUNT</c>, the numbers that are trained;
/// <c>peak</c> answers <c>ok BYTES</c>. What goes wrong is answered with <c>failed REASON</c>. The end of the input ends the worker.
/// </summary>
internal static class WorkerLoop
{
    public static int Run(Func<string[], IWorkload> open)
    {
        // Native libraries write where they like; answers keep a stream of their own.
        using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(Console.Error);
        IWorkload? workload = null;
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            try
            {
                answers.WriteLine(Answer(words, open, ref workload));
            }
            catch (Exception problem)
            {
                answers.WriteLine($"failed {Innermost(problem).Message.ReplaceLineEndings(" ")}");
            }
        }

        workload?.Dispose();
        return 0;
    }

    private static string Answer(string[] words, Func<string[], IWorkload> open, ref IWorkload? workload)
    {
        switch (words)
        {
            case ["open", .. var arguments]:
                workload?.Dispose();
                workload = null;
                workload = open(arguments);
                workload.Run();
                return "ok";
            case ["sample", var calls] when workload is not null:
                return Sample(workload, int.Parse(calls, System.Globalization.CultureInfo.InvariantCulture));
            case ["parameters"] when workload is not null:
                return Invariant($"ok {workload.ParameterCount}");
            case ["peak"]:
                return Invariant($"ok {ProcessUsage.PeakResidentBytes()}");
            default:
                return "failed the command is not known, or nothing is open";
        }
    }

    private static string Sample(IWorkload workload, int calls)
    {
        long lost = ProcessUsage.LostCores();
        double optimizer = 0;
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
            optimizer += workload.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Invariant($"ok {seconds / calls:R} {optimizer / calls:R} {ProcessUsage.LostCores() - lost}");
    }

    private static Exception Innermost(Exception problem) => problem.InnerException is { } inner ? Innermost(inner) : problem;
}
