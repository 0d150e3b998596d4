using System.Diagnostics;
using System.Globalization;
using OrtAdaMomentum.Bench.Models;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Start;

/// <summary>
/// Time from the start of a process to the end of its first training step, artifacts on disk: the sample TrainOnce, published in each form
/// that the SDK can make here, run in turn.
/// </summary>
internal static class StartBench
{
    private const int DefaultRounds = 15;

    private static readonly (string Name, string[] Options)[] _forms =
    [
        ("framework-dependent", ["--no-self-contained"]),
        ("ready to run", ["--no-self-contained", "-p:PublishReadyToRun=true"]),
        ("native", ["-p:PublishAot=true"]),
    ];

    /// <param name="args">Name of a model, then the number of rounds.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        var model = ModelCase.Named(args.Length > 0 && args[0][0] != '-' ? args[0] : LeNet.Case.Name);
        int rounds = args.Length > 1 && args[1][0] != '-' ? int.Parse(args[1], CultureInfo.InvariantCulture) : DefaultRounds;
        string folder = Directory.CreateTempSubdirectory("start").FullName;
        try
        {
            string artifacts = Path.Combine(folder, "artifacts");
            model.Generate(Modes.Full).Save(artifacts);
            List<(string Name, string Program)> programs = [];
            foreach (var (name, options) in _forms)
            {
                if (Publish(Path.Combine(folder, name), options) is { } program)
                    programs.Add((name, program));
                else
                    Console.WriteLine($"{name} is left out: the sample could not be published so");
            }

            results.Line(Invariant($"{model.About}; {rounds} rounds in turn; milliseconds from the start of the process to its line after the first step"));
            results.Head(["form"], "median", "fastest", "slowest", "the sample says, last");
            Measure(programs, artifacts, model.Batch, rounds, results);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(List<(string Name, string Program)> programs, string artifacts, int batch, int rounds, Results results)
    {
        double[][] times = [.. programs.Select(_ => new double[rounds])];
        string[] said = new string[programs.Count];
        // The first round brings the files into the system's cache and does not count.
        for (int round = -1; round < rounds; round++)
        {
            for (int index = 0; index < programs.Count; index++)
            {
                double time;
                (time, said[index]) = Once(programs[index].Program, artifacts, batch);
                if (round >= 0)
                    times[index][round] = time;
            }
        }

        for (int index = 0; index < programs.Count; index++)
        {
            Array.Sort(times[index]);
            results.Line(Invariant(
                $"| {programs[index].Name} | {times[index][rounds / 2]:F0} | {times[index][0]:F0} | {times[index][^1]:F0} | {said[index]} |"));
        }
    }

    private static (double Milliseconds, string Said) Once(string program, string artifacts, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, [artifacts, Invariant($"{batch}")]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"'{program}' ended without a step.");
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.WaitForExit();
        return (time, said);
    }

    private static string? Publish(string target, string[] options)
    {
        string runtime = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;
        string[] arguments = ["publish", Project(), "-c", "Release", "-r", runtime, "-o", target, "--nologo", "-v", "q", .. options];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? Path.Combine(target, OperatingSystem.IsWindows() ? "TrainOnce.exe" : "TrainOnce") : null;
    }

    private static string Project()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string project = Path.Combine(folder.FullName, "samples", "TrainOnce");
            if (Directory.Exists(project))
                return project;
        }

        throw new DirectoryNotFoundException("The sample TrainOnce is not beside this program.");
    }
}
