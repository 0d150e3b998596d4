using System.Diagnostics;
using System.Globalization;

namespace OrtAdaMomentum.Bench;

/// <summary>A process that does one workload, so that its memory and its threads are nobody else's.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly long _started;

    private WorkerProcess(Process process, long started) => (_process, _started) = (process, started);

    /// <summary>Starts this program as a worker.</summary>
    public static WorkerProcess StartOurs() => Start(OwnProgram, [Worker.Part]);

    /// <summary>This program's own file.</summary>
    public static string OwnProgram => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Bench.exe" : "Bench");

    public static WorkerProcess Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        KeepFreedMemory(start);
        long started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new WorkerProcess(process, started);
    }

    /// <summary>Opens a workload and does it once.</summary>
    /// <returns>Seconds from the start of the process to the end of the first call; of use once for each process.</returns>
    public double Open(params string[] workload)
    {
        Ask("open " + string.Join(' ', workload));
        return Stopwatch.GetElapsedTime(_started).TotalSeconds;
    }

    public WorkerSample Sample(int calls)
    {
        string[] words = Ask(string.Create(CultureInfo.InvariantCulture, $"sample {calls}"));
        return new WorkerSample(Number(words[0]), Number(words[1]), long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Numbers that the workload trains.</summary>
    public long ParameterCount() => long.Parse(Ask("parameters")[0], CultureInfo.InvariantCulture);

    public double PeakBytes() => Number(Ask("peak")[0]);

    public void Dispose()
    {
        const int patience = 5_000;
        _process.StandardInput.Close();
        if (!_process.WaitForExit(patience))
            _process.Kill();
        _process.Dispose();
    }

    private string[] Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine()?.Split(' ') switch
        {
            ["ok", .. var answer] => answer,
            ["failed", .. var reason] => throw new WorkerException(string.Join(' ', reason)),
            _ => throw new WorkerException($"the worker ended during '{command}'"),
        };
    }

    /// <summary>
    /// libtorch takes every large temporary from the system and gives it back, which costs it most of its time in page faults. These
    /// settings of glibc favour it; ONNX Runtime keeps an arena of its own anyway.
    /// </summary>
    private static void KeepFreedMemory(ProcessStartInfo start)
    {
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "33554432";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4294967296";
        start.Environment["MALLOC_TOP_PAD_"] = "268435456";
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One sample of a workload.</summary>
/// <param name="Seconds">Of one call.</param>
/// <param name="OptimizerSeconds">The optimizer's part of them.</param>
/// <param name="LostCores">How often the process lost a core during the sample.</param>
internal readonly record struct WorkerSample(double Seconds, double OptimizerSeconds, long LostCores);

/// <summary>A worker cannot do what it was asked for.</summary>
internal sealed class WorkerException(string reason) : Exception(reason);
