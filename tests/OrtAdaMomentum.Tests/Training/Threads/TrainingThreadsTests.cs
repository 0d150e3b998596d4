using System.Diagnostics;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Threads;

public class TrainingThreadsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Training_on_them_gives_the_bits_of_training_on_the_runtimes_own()
    {
        float[] own = await TrainAsync(null, threads: 2);
        using var threads = new TrainingThreads(lowPriority: true);
        Assert.Equal(own, await TrainAsync(threads, threads: 2));
    }

    [Fact]
    public async Task They_count_the_processor_time_of_training_and_not_that_of_others()
    {
        using var threads = new TrainingThreads();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        using var stop = new CancellationTokenSource();
        var other = Task.Factory.StartNew(() => Burn(stop.Token), Cancelled, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await threads.RunAsync(static () => Burn(TimeSpan.FromMilliseconds(200)));
        await stop.CancelAsync();
        await other;
        // By the thread's own clock, so that a busy machine changes nothing.
        Assert.InRange(threads.ProcessorTime!.Value.TotalMilliseconds, 200, 260);
    }

    [Fact]
    public async Task The_runtimes_threads_count_also_when_they_have_ended()
    {
        using var threads = new TrainingThreads();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        var before = threads.ProcessorTime!.Value;
        long steps = Stopwatch.GetTimestamp();
        await TrainAsync(threads, threads: 2);
        var after = threads.ProcessorTime!.Value;
        Assert.True(after > before);
        Assert.InRange(after - before, TimeSpan.FromMilliseconds(1), 4 * Stopwatch.GetElapsedTime(steps));
        Assert.True(threads.ProcessorTime >= after);
    }

    [Fact]
    public async Task Low_priority_holds_for_their_threads_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells the priority of each thread.");
        using var threads = new TrainingThreads(lowPriority: true);
        int process = NiceOf("/proc/thread-self/stat");
        Assert.Equal(Math.Max(10, process), await threads.RunAsync(static () => NiceOf("/proc/thread-self/stat")));
        Assert.Equal(process, NiceOf("/proc/thread-self/stat"));
    }

    [Fact]
    public async Task The_runtime_computes_on_threads_that_are_made_for_it_as_long_as_the_session_is_there()
    {
        using var threads = new TrainingThreads();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        await threads.RunAsync(static () => 0);
        Assert.Equal(1, threads.Count);
        using (new FineTuningSession(Artifacts(), new FineTuningOptions { Threads = 4, RunOn = threads }))
        {
            // They count from when they run.
            while (threads.Count < 4)
                await Task.Delay(1, Cancelled);
        }

        Assert.Equal(1, threads.Count);
    }

    [Fact]
    public async Task What_is_done_on_them_fails_for_who_waits_and_they_go_on()
    {
        using var threads = new TrainingThreads();
        await Assert.ThrowsAsync<InvalidOperationException>(() => threads.RunAsync<int>(static () => throw new InvalidOperationException("no")));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => threads.RunAsync<int>(static () => throw new OperationCanceledException()));
        Assert.Equal(3, await threads.RunAsync(static () => 3));
    }

    private static async Task<float[]> TrainAsync(TrainingThreads? on, int threads)
    {
        using var session = new FineTuningSession(
            Artifacts(),
            new FineTuningOptions { Threads = threads, RunOn = on, OptimizerSettings = new OptimizerSettings { Threads = 1 } });
        var random = new Random(1);
        var data = new TensorDataset(64)
            .Add(session.Manifest.Inputs[0].Name, [.. Enumerable.Range(0, 64 * 784).Select(_ => random.NextSingle())], 1, 28, 28)
            .Add(session.Manifest.Target.Name, [.. Enumerable.Range(0, 64).Select(static index => (long)(index % 10))]);
        await foreach (var _ in new Trainer(session).RunAsync(data, null, new TrainingPlan { BatchSize = 16 }, Cancelled))
        {
        }

        return session.ToBuffer();
    }

    private static TrainingArtifacts Artifacts() =>
        ArtifactGenerator.Generate(OnnxModel.Load(Path.Combine(AppContext.BaseDirectory, "Models", "digits-base.onnx")));

    private static int NiceOf(string path) => int.Parse(File.ReadAllText(path).Split(')')[1].Split(' ')[17], System.Globalization.CultureInfo.InvariantCulture);

    private static int Burn(TimeSpan time)
    {
        var clock = OrtAdaMomentum.Threading.ThreadClock.OfThisThread()!;
        var until = clock.ProcessorTime + time;
        int count = 0;
        while (clock.ProcessorTime < until)
            count++;
        return count;
    }

    private static void Burn(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            Thread.SpinWait(100);
    }
}
