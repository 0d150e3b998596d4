using System.Diagnostics;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>Training of the digit model at a share of the processors, beside which something else is measured.</summary>
internal sealed class TrainingLoad : IAsyncDisposable
{
    private const int Samples = 5_000, StepsToStart = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("load").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ShareParts _parts;
    private readonly Task _training;
    private TimeSpan _taken;
    private long _since;

    private TrainingLoad(double share, TaskCompletionSource started)
    {
        var options = new FineTuningServiceOptions { Epochs = 1_000_000, CheckpointEverySteps = 1_000_000, DataDirectory = _folder };
        options.Budget.CpuShare = share;
        // A machine that others use too, and what is measured beside it, would otherwise leave it less than its share.
        options.Budget.LowPriority = false;
        options.Conditions.ReleaseAfter = TimeSpan.FromDays(1);
        _parts = new ShareParts(options);
        long steps = 0;
        _training = Task.Run(async () =>
        {
            await _parts.Permit.CheckAsync(CancellationToken.None).ConfigureAwait(false);
            byte[] model = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "digits-base.onnx")).ConfigureAwait(false);
            var job = new TrainingJob(model, Digits(), null, 1, Path.Combine(_folder, "checkpoint"), Path.Combine(_folder, "model"));
            await _parts.Engine.TrainAsync(
                job,
                _ =>
                {
                    if (++steps == StepsToStart)
                        started.SetResult();
                },
                _stop.Token).ConfigureAwait(false);
        });
    }

    /// <summary>Starts it, and returns when it keeps to its share.</summary>
    public static async Task<TrainingLoad> StartAsync(double share)
    {
        var started = new TaskCompletionSource();
        var load = new TrainingLoad(share, started);
        await (await Task.WhenAny(load._training, started.Task).ConfigureAwait(false)).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        load._taken = load._parts.Pace.ProcessorTime;
        load._since = Stopwatch.GetTimestamp();
        return load;
    }

    /// <summary>The share of all processors that it has taken since it was started.</summary>
    public double Share => (_parts.Pace.ProcessorTime - _taken) / Stopwatch.GetElapsedTime(_since) / Environment.ProcessorCount;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _training.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TensorDataset Digits()
    {
        var random = new Random(1);
        return new TensorDataset(Samples)
            .Add("image", [.. Enumerable.Range(0, Samples * 784).Select(_ => random.NextSingle())], 1, 28, 28)
            .Add("labels", [.. Enumerable.Range(0, Samples).Select(static index => (long)(index % 10))]);
    }
}
