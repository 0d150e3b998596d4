using System.Diagnostics;
using System.Text.Json;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Samples.EdgeFineTune.Report;
using Spectre.Console;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>
/// The whole job: serve the base model, take a person's handwriting in, fine-tune in the background, promote what measures better, and tell
/// what came of it.
/// </summary>
internal sealed class DigitJob(SampleArguments arguments, TimeProvider time)
{
    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "models");

    private readonly string _output = Path.GetFullPath(arguments.Output);

    /// <summary>Runs the job.</summary>
    /// <returns>0 when a better model is served at the end, 1 when the base model stayed.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        var digits = DigitSets.Load(Models);
        string service = PrepareFolders();
        using var host = BuildHost(digits, service);
        await host.StartAsync(cancellationToken);

        // The base model is measured while it is the one that is served; the handwriting only comes in afterwards.
        var predictor = host.Services.GetRequiredService<IPredictor>();
        var (baseNew, baseOld) = (Answers.Of(digits.MeasuredNew, predictor), Answers.Of(digits.MeasuredOld, predictor));
        var view = new ProgressView(AnsiConsole.Profile.Out.IsTerminal && !arguments.Json);
        ProgressView.Line($"base model: {baseNew.Accuracy:P2} of the new handwriting, {baseOld.Accuracy:P2} of the old digits");

        var log = await WatchAsync(host, view, cancellationToken);

        var (tunedNew, tunedOld) = (Answers.Of(digits.MeasuredNew, predictor), Answers.Of(digits.MeasuredOld, predictor));
        var traffic = host.Services.GetRequiredService<RequestTraffic>();
        var registry = host.Services.GetRequiredService<ModelRegistry>();
        byte[] tuned = registry.ReadModel(registry.Current);
        await host.StopAsync(CancellationToken.None);

        var decision = log.Decision!.Decision;
        bool promoted = decision.Promote;
        var summary = new Summary(
            baseNew.Accuracy, tunedNew.Accuracy, baseOld.Accuracy, tunedOld.Accuracy, log.Steps.Count,
            Math.Round(time.GetElapsedTime(started).TotalSeconds, 1), PeakMegabytes(), promoted, traffic.Answered, traffic.Failed)
        {
            CurrentGolden = decision.Current.Golden?.Accuracy,
            CandidateGolden = decision.Candidate.Golden?.Accuracy,
        };
        await File.WriteAllBytesAsync(Path.Combine(_output, "tuned.onnx"), tuned, cancellationToken);
        File.Copy(Path.Combine(service, "run.checkpoint"), Path.Combine(_output, "checkpoint"), overwrite: true);
        await File.WriteAllTextAsync(Path.Combine(_output, "report.html"), HtmlReport.Write(summary, log, baseNew, tunedNew, traffic.AnswersByVersion), cancellationToken);
        SummaryTable.Print(summary, log, traffic, _output);
        if (arguments.Json)
            Console.WriteLine(JsonSerializer.Serialize(summary, SummaryJson.Default.Summary));
        return promoted && traffic.Failed == 0 ? 0 : 1;
    }

    private static async Task<RunLog> WatchAsync(IHost host, ProgressView view, CancellationToken cancellationToken)
    {
        // A background service that fails stops the host; waiting for the run's outcome then would never end.
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        try
        {
            var watching = view.WatchAsync(host.Services.GetRequiredService<IFineTuningMonitor>(), ended.Token);
            host.Services.GetRequiredService<HandwritingPlayer>().Begin();
            return await watching;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FineTuningException("A part of the service failed and stopped the host; the log above says why.");
        }
    }

    private IHost BuildHost(DigitSets digits, string service)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "EdgeFineTune" });
        builder.Logging.AddSimpleConsole(static options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSystemd().AddWindowsService();
        builder.Services.AddSingleton(digits).AddSingleton(time);
        builder.Services
            .AddFineTuning(options =>
            {
                options.ModelPath = Path.Combine(Models, "digits-base.onnx");
                options.DataDirectory = service;
                options.Seed = arguments.Seed;
                options.Threads = arguments.Threads;
                options.MinimumSamples = digits.Handwriting.Count;
                options.Epochs = 4;
                options.BatchSize = 64;
            })
            .UseReferenceData(_ => new ReferenceData(digits.Golden.ToDataset(), digits.Rehearsal.ToDataset()));
        builder.Services.AddSingleton<HandwritingPlayer>().AddHostedService(static provider => provider.GetRequiredService<HandwritingPlayer>());
        builder.Services.AddSingleton<RequestTraffic>().AddHostedService(static provider => provider.GetRequiredService<RequestTraffic>());
        return builder.Build();
    }

    /// <summary>Every run of this sample starts from the base model, so what an earlier one left of the service goes.</summary>
    private string PrepareFolders()
    {
        string service = Path.Combine(_output, "service");
        if (Directory.Exists(service))
            Directory.Delete(service, recursive: true);
        Directory.CreateDirectory(_output);
        return service;
    }

    private static double PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / 1048576.0, 1);
    }
}
