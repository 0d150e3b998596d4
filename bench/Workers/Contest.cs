using System.Diagnostics;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// Workloads that are compared, each in a process of its own. Samples are taken in turn, and one during which its process lost a core is
/// repeated.
/// </summary>
internal sealed class Contest : IDisposable
{
    private const int Retries = 4, LeastRounds = 5, MostRounds = 31;
    private const double SampleSeconds = 0.02;

    private readonly List<Contender> _contenders = [];

    /// <summary>In the order in which they were added; those that could not be opened are not among them.</summary>
    public IReadOnlyList<Contender> Contenders => _contenders;

    /// <summary>Starts a worker and does its workload once. What it cannot do is said, and left out.</summary>
    public void Add(string name, Func<WorkerProcess> start, params string[] workload)
    {
        var worker = start();
        try
        {
            _contenders.Add(new Contender(name, worker, worker.Open(workload)));
        }
        catch (WorkerException problem)
        {
            Console.WriteLine($"{name} is left out of {string.Join(' ', workload.Take(2))}: {problem.Message}");
            worker.Dispose();
        }
    }

    public Contender? Find(string name) => _contenders.Find(contender => contender.Name == name);

    /// <summary>Samples all in turn, five times at least.</summary>
    /// <param name="budget">Seconds after which it ends.</param>
    public void Sample(double budget)
    {
        foreach (var contender in _contenders)
        {
            contender.Worker.Sample(2);
            contender.Calls = (int)Math.Clamp(SampleSeconds / contender.Worker.Sample(2).Seconds, 1, 10_000);
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < LeastRounds || (round < MostRounds && Stopwatch.GetElapsedTime(start).TotalSeconds < budget); round++)
            _contenders.ForEach(Sample);
    }

    public void Dispose() => _contenders.ForEach(static contender => contender.Worker.Dispose());

    private static void Sample(Contender contender)
    {
        WorkerSample? best = null;
        for (int attempt = 0; attempt < Retries; attempt++)
        {
            var sample = contender.Worker.Sample(contender.Calls);
            if (best is null || sample.LostCores == 0 || sample.Seconds < best.Value.Seconds)
                best = sample;
            if (sample.LostCores == 0)
                break;
        }

        contender.Disturbed += best!.Value.LostCores > 0 ? 1 : 0;
        contender.Samples.Add(best.Value);
    }
}

/// <summary>One side of a contest.</summary>
/// <param name="Name">As tables show it.</param>
/// <param name="Worker">Its process.</param>
/// <param name="FirstSeconds">From the start of the process to the end of the first call.</param>
internal sealed record Contender(string Name, WorkerProcess Worker, double FirstSeconds)
{
    /// <summary>Calls that make a sample.</summary>
    public int Calls { get; set; } = 1;

    /// <summary>Samples for which no quiet moment was found.</summary>
    public int Disturbed { get; set; }

    public List<WorkerSample> Samples { get; } = [];

    /// <summary>Median seconds of a call.</summary>
    public double Seconds => Median(static sample => sample.Seconds);

    public double Median(Func<WorkerSample, double> part)
    {
        double[] times = [.. Samples.Select(part).Order()];
        return times[times.Length / 2];
    }
}
