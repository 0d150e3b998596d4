using System.Diagnostics;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Tools;

public sealed class KillTests : IDisposable
{
    private const int Epochs = 3;
    private const int StepsPerEpoch = 38;
    private const int StepsPerCheckpoint = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killing_the_process_with_9_during_training_and_starting_again_ends_with_the_bits_of_an_undisturbed_run()
    {
        await ToolRun.SucceedAsync("generate", TestFiles.Model("digits-base.onnx"), "--out", _folder.File("artifacts"));
        string whole = _folder.File("whole.ckpt"), killed = _folder.File("killed.ckpt");
        await FinishAsync(Train(whole));

        // Thresholds that leave the last third of the run to the resumed process, so that no kill comes too late.
        var random = new Random(20);
        int reached = 0;
        foreach (int threshold in new[] { random.Next(4, 12), random.Next(30, 42), random.Next(58, 70) })
        {
            using (var process = Start([.. Train(killed), .. reached == 0 ? Array.Empty<string>() : ["--resume"]]))
            {
                try
                {
                    await WaitForStepAsync(process, killed, threshold);
                    Thread.SpinWait(random.Next(200_000));
                }
                finally
                {
                    process.Kill();
                }

                await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
                Assert.True(process.ExitCode != 0, "The process ended before it was killed.");
            }

            int step = Checkpoint.Load(killed).Cursor!.Step;
            Assert.InRange(step, Math.Max(threshold, reached + 1), (Epochs * StepsPerEpoch) - 1);
            reached = step;
            LeaveHalfWrittenFile(killed);
        }

        string[] remains = Directory.GetFiles(_folder.Path, "*.tmp");
        await FinishAsync([.. Train(killed), "--resume"]);
        await AssertSameAsync(whole, killed);
        Assert.Equal(Epochs * StepsPerEpoch, Checkpoint.Load(killed).Cursor!.Step);
        Assert.Equal(remains.Order(), Directory.GetFiles(_folder.Path, "*.tmp").Order());
        await AssertSameAsync(await ExportAsync(whole), await ExportAsync(killed));
    }

    private string[] Train(string checkpoint) =>
    [
        "train", _folder.File("artifacts"), "--data", TestFiles.Model("optdigits-tune-images-idx3-ubyte.gz"), "--scale-bytes",
        "--checkpoint", checkpoint, "--checkpoint-every", $"{StepsPerCheckpoint}", "--epochs", $"{Epochs}", "--schedule", "cosine", "--warmup", "5",
        "--weight-decay", "0.01", "--seed", "6", "--threads", "1",
    ];

    private async Task<string> ExportAsync(string checkpoint)
    {
        string model = Path.ChangeExtension(checkpoint, ".onnx");
        await ToolRun.SucceedAsync("export", _folder.File("artifacts"), "--checkpoint", checkpoint, "--out", model);
        return model;
    }

    /// <summary>What a kill in the middle of writing a checkpoint leaves behind.</summary>
    private static void LeaveHalfWrittenFile(string checkpoint)
    {
        byte[] content = File.ReadAllBytes(checkpoint);
        string name = $".{Path.GetFileName(checkpoint)}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(checkpoint)!, name), content[..(content.Length / 2)]);
    }

    private static async Task AssertSameAsync(string expected, string actual) => Assert.Equal(
        await File.ReadAllBytesAsync(expected, TestContext.Current.CancellationToken),
        await File.ReadAllBytesAsync(actual, TestContext.Current.CancellationToken));

    /// <summary>Waits until a checkpoint of at least this step is there. Every file seen on the way must be whole.</summary>
    private static async Task WaitForStepAsync(Process process, string checkpoint, int step)
    {
        var waited = Stopwatch.StartNew();
        while (!File.Exists(checkpoint) || Checkpoint.Load(checkpoint).Cursor!.Step < step)
        {
            Assert.False(process.HasExited, "The process ended by itself.");
            Assert.True(waited.Elapsed < Patience, $"No checkpoint of step {step} came within {Patience.TotalSeconds} s.");
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }

    private static async Task FinishAsync(string[] arguments)
    {
        using var process = Start(arguments);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Starts the tool in a process of its own. Its output is thrown away, so that no full pipe can hold it up.</summary>
    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost(), [Path.Combine(AppContext.BaseDirectory, "ort-artifacts.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The tool did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>The dotnet command of the runtime that runs the tests, which need not be on the path.</summary>
    private static string DotnetHost()
    {
        string own = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(own) ? own : "dotnet";
    }
}
