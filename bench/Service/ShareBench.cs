using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training.Data;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// The processor time that training of the digit model takes against the share it may take: alone, beside a process that burns a processor,
/// beside requests that the same process serves without a pause, and while it pauses. Measured from outside, by what the system counts for the process,
/// except beside requests, where only the threads can be told apart. A share is of all processors that the process may use.
/// </summary>
internal static class ShareBench
{
    private const int Samples = 20_000;
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10), _sampling = TimeSpan.FromMilliseconds(100);

    /// <param name="args">Seconds of each measurement, 40 unless given.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 40;
        results.Line(Invariant($"{Environment.ProcessorCount} processors; windows are of {_window.TotalSeconds:F0} s, {seconds} s in all"));
        results.Line();
        // Compiling what runs often takes processor time at first, which is not training's.
        Measure("nothing", 1, 12, null);
        results.Head(["beside"], "share", "mean", "least window", "greatest window", "wall time of steps x threads");
        foreach (double share in new[] { 0.1, 0.25, 0.5, 0.75 })
            Measure("nothing", share, seconds, results);
        using (Burn())
            Measure("a process that burns a processor", 0.25, seconds, results);
        using (Burn())
            Measure("a process that burns a processor", 0.5, seconds, results);
        using (Serve())
            Measure("requests in the process", 0.25, seconds, results, ofThreads: true);
        Measure("nothing, paused", 1, seconds, results, paused: true);
    }

    private static void Measure(string beside, double share, int seconds, Results? results, bool ofThreads = false, bool paused = false) =>
        MeasureAsync(beside, share, seconds, results, ofThreads, paused).GetAwaiter().GetResult();

    private static async Task MeasureAsync(string beside, double share, int seconds, Results? results, bool ofThreads, bool paused)
    {
        string folder = Directory.CreateTempSubdirectory("share").FullName;
        try
        {
            var options = new FineTuningServiceOptions { Epochs = 1_000_000, CheckpointEverySteps = 1_000_000, DataDirectory = folder };
            options.Budget.CpuShare = share;
            // A machine that others use too would otherwise give training less than its share.
            options.Budget.LowPriority = false;
            options.Conditions.ReleaseAfter = TimeSpan.FromDays(1);
            var parts = new ShareParts(options);
            await parts.Permit.CheckAsync(CancellationToken.None).ConfigureAwait(false);

            long steps = 0, stepTicks = 0, began = 0;
            var started = new TaskCompletionSource();
            using var stop = new CancellationTokenSource();
            var data = new StepTimer(Digits(), begin: () => began = Stopwatch.GetTimestamp());
            byte[] model = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx")).ConfigureAwait(false);
            var job = new TrainingJob(model, data, null, 1, Path.Combine(folder, "checkpoint"), Path.Combine(folder, "model"));
            var training = Task.Run(() => parts.Engine.TrainAsync(
                job,
                _ =>
                {
                    stepTicks += Stopwatch.GetTimestamp() - began;
                    if (++steps == 20)
                        started.SetResult();
                },
                stop.Token));
            await (await Task.WhenAny(training, started.Task).ConfigureAwait(false)).ConfigureAwait(false);
            if (paused)
                await parts.Permit.PauseAsync("bench", CancellationToken.None).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);

            var taken = new List<(double Time, double Taken)>();
            long start = Stopwatch.GetTimestamp(), ticksBefore = stepTicks;
            for (double now = 0; now < seconds; now = Stopwatch.GetElapsedTime(start).TotalSeconds)
            {
                taken.Add((now, (ofThreads ? parts.Pace.ProcessorTime : Environment.CpuUsage.TotalTime).TotalSeconds));
                await Task.Delay(_sampling).ConfigureAwait(false);
            }

            if (results is not null)
                Report(beside, paused ? 0 : share, taken, Stopwatch.GetElapsedTime(0, stepTicks - ticksBefore).TotalSeconds, results);
            await stop.CancelAsync().ConfigureAwait(false);
            await training.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Report(string beside, double share, List<(double Time, double Taken)> taken, double stepSeconds, Results results)
    {
        double processors = Environment.ProcessorCount;
        var windows = new List<double>();
        for (int first = 0, last = 0; first < taken.Count; first++)
        {
            while (last < taken.Count && taken[last].Time < taken[first].Time + _window.TotalSeconds)
                last++;
            if (last == taken.Count)
                break;
            windows.Add((taken[last].Taken - taken[first].Taken) / (taken[last].Time - taken[first].Time) / processors);
        }

        double whole = taken[^1].Time - taken[0].Time;
        double mean = (taken[^1].Taken - taken[0].Taken) / whole / processors;
        results.Line(Invariant($"| {beside} | {share:F2} | {mean:F4} | {windows.Min():F4} | {windows.Max():F4} | {stepSeconds / whole:F4} |"));
        results.Add("share", new JsonObject
        {
            ["beside"] = beside, ["share"] = share, ["mean"] = mean, ["least"] = windows.Min(), ["greatest"] = windows.Max(), ["steps"] = stepSeconds / whole,
        });
    }

    private static TensorDataset Digits()
    {
        var random = new Random(1);
        return new TensorDataset(Samples)
            .Add("image", [.. Enumerable.Range(0, Samples * 784).Select(_ => random.NextSingle())], 1, 28, 28)
            .Add("labels", [.. Enumerable.Range(0, Samples).Select(static index => (long)(index % 10))]);
    }

    /// <summary>Another process that takes all it gets of one processor.</summary>
    private static Ended Burn()
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { Burner.Part }, RedirectStandardInput = true })!;
        return new Ended(() =>
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        });
    }

    /// <summary>Requests to the digit model, one after the other, on a thread of this process.</summary>
    private static Ended Serve()
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        var session = new InferenceSession(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx"), options);
        var stop = new CancellationTokenSource();
        var serving = Task.Factory.StartNew(
            () =>
            {
                using var run = new RunOptions();
                using var image = OrtValue.CreateTensorValueFromMemory(new float[784], [1, 1, 28, 28]);
                while (!stop.IsCancellationRequested)
                    session.Run(run, session.InputNames, [image], session.OutputNames).Dispose();
            },
            TaskCreationOptions.LongRunning);
        return new Ended(() =>
        {
            stop.Cancel();
            serving.Wait();
            session.Dispose();
            stop.Dispose();
        });
    }

    private sealed class Ended(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    /// <summary>Tells when a step begins to read its batch.</summary>
    private sealed class StepTimer(IDataset data, Action begin) : IDataset
    {
        public int Count => data.Count;

        public IReadOnlyList<DatasetColumn> Columns => data.Columns;

        public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
        {
            if (column == Columns[0].Name)
                begin();
            data.Read(column, samples, destination);
        }
    }
}
