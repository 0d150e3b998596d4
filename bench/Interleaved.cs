using System.Diagnostics;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// Times several candidates in turn (A B C A B C ...), so that a slow moment of the machine hits all of them, and takes the medians.
/// On Linux a sample during which the process lost its core to another one is repeated.
/// </summary>
internal static class Interleaved
{
    private const double SampleSeconds = 2e-3;
    private const int Retries = 6;

    /// <summary>Median seconds of one call of each candidate.</summary>
    public static double[] Medians(int rounds, params Action[] candidates)
    {
        int[] calls = Array.ConvertAll(candidates, Calibrate);
        double[][] samples = Array.ConvertAll(candidates, _ => new double[rounds]);
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < candidates.Length; i++)
                samples[i][round] = QuietSample(candidates[i], calls[i]);
        }

        return Array.ConvertAll(samples, static times =>
        {
            Array.Sort(times);
            return times[times.Length / 2];
        });
    }

    private static int Calibrate(Action candidate)
    {
        for (int i = 0; i < 3; i++)
            candidate();
        int calls = 1;
        while (calls < 1 << 20 && Sample(candidate, calls) * calls < SampleSeconds)
            calls *= 2;
        return calls;
    }

    private static double QuietSample(Action candidate, int calls)
    {
        double best = double.PositiveInfinity;
        for (int attempt = 0; attempt < Retries; attempt++)
        {
            long before = ProcessUsage.LostCores();
            double time = Sample(candidate, calls);
            if (ProcessUsage.LostCores() == before)
                return time;
            best = Math.Min(best, time);
        }

        return best;
    }

    private static double Sample(Action candidate, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            candidate();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }
}
