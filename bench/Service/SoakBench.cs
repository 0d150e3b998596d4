using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrtAdaMomentum.Personalization;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>
/// A service that lives through many days without a restart, each with samples, requests, corrections, a run and what comes after it, and now and then a
/// forgotten subject, a roll back and a pause. What it holds of the machine has to be the same at the end as when its store was full for the first time.
/// </summary>
internal static class SoakBench
{
    private const int Days = 400;

    /// <summary>Days between two lines of the table.</summary>
    private const int DaysOfLine = 50;

    /// <summary>Days until the store is full and every path was taken.</summary>
    private const int WarmUpDays = 50;

    /// <param name="args">The number of days, if not 400.</param>
    /// <param name="results">Where the table goes.</param>
    public static void Run(string[] args, Results results)
    {
        int days = args is [var number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out int wanted) ? wanted : Days;
        string folder = Directory.CreateTempSubdirectory("soak").FullName;
        try
        {
            LiveAsync(folder, days, results).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LiveAsync(string folder, int days, Results results)
    {
        KeyFile.Create(KeyPath(folder));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddFineTuning(options => Configure(options, folder));
        using var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        var life = new SoakLife(host.Services.GetRequiredService<FineTuningModel>());
        results.Head([], "days", "promoted", "refused", "requests", "resident MB", "managed MB", "threads", "open files", "files", "MB of files");
        var clock = Stopwatch.StartNew();
        List<SoakUsage> usages = [];
        for (int day = 1; day <= days; day++)
        {
            await life.DayAsync(day).ConfigureAwait(false);
            if (day % DaysOfLine != 0 && day != days)
                continue;
            var usage = SoakUsage.Now(folder);
            results.Line(Invariant($"| {day} | {life.Promoted} | {life.Refused} | {life.Requests} | {usage.Row} |"));
            results.Add("soak", usage.Json(day));
            if (day >= WarmUpDays)
                usages.Add(usage);
        }

        results.Line(Invariant($"{days} days in {clock.Elapsed.TotalSeconds:F0} s, {life.Failures} requests or corrections failed; end / day {WarmUpDays}:"));
        if (usages is [var first, .., var last])
            results.Line(last.Against(first));
        await host.StopAsync().ConfigureAwait(false);
    }

    private static void Configure(FineTuningServiceOptions options, string folder)
    {
        options.ModelPath = Path.Combine(AppContext.BaseDirectory, "digits-base.onnx");
        options.DataDirectory = Path.Combine(folder, "data");
        options.Threads = 1;
        options.MinimumSamples = SoakLife.SamplesOfDay;
        options.MaximumSamples = 2_000;
        options.Retention = RetentionStrategy.ClassBalanced;
        options.Compression = SampleCompression.ZLib;
        options.Encryption.Source = EncryptionSource.KeyFile;
        options.Encryption.Path = KeyPath(folder);
        options.Replay.MaximumOld = 300;
        options.Epochs = 1;
        options.LearningRate = 1e-4;
        options.CheckpointEverySteps = 5;
        options.TriggerInterval = TimeSpan.FromSeconds(1);
        // Promotions and refusals in turn, of a model that follows the samples.
        options.Gate.Metric = GateMetric.Loss;
        options.Gate.MinimumGain = 0;
        options.Gate.Confidence = 0.5;
        options.Gate.Resamples = 200;
        options.Watch.Period = TimeSpan.FromMinutes(1);
    }

    private static string KeyPath(string folder) => Path.Combine(folder, "key");
}
