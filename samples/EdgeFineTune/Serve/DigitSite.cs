using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Serve;

/// <summary>
/// The digit model as a service: a page to draw on, which takes corrections as samples, and the page of the fine-tuning service. Options are in
/// <c>appsettings.json</c> and are followed when they change.
/// </summary>
internal sealed class DigitSite(SampleArguments arguments)
{
    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Serves until it is stopped.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var application = Build();
        await application.StartAsync(cancellationToken);
        var stopped = application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopped);
        await Task.Delay(Timeout.Infinite, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.StopAsync(CancellationToken.None);
        return 0;
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(arguments.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        // A unit of systemd keeps what its machine sets apart from what is installed.
        if (Environment.GetEnvironmentVariable("CONFIGURATION_DIRECTORY") is { Length: > 0 } directory)
            builder.Configuration.AddJsonFile(Path.Combine(directory, "appsettings.json"), optional: true, reloadOnChange: true).AddEnvironmentVariables();
        builder.Services.AddSystemd().AddWindowsService();
        // A stop leaves a checkpoint after the step under way; longer than this nothing is waited for.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var digits = DigitSets.Load(Models);
        builder.Services.AddSingleton(digits);
        builder.Services
            .AddFineTuning("digits", builder.Configuration.GetSection("FineTuning"))
            .UseReferenceData(_ => new ReferenceData(digits.Golden.ToDataset(), digits.Rehearsal.ToDataset()));
        // What the command line decides, where the configuration leaves it open.
        builder.Services.PostConfigure<FineTuningServiceOptions>("digits", options =>
        {
            if (string.IsNullOrEmpty(options.ModelPath))
                options.ModelPath = Path.Combine(Models, "digits-base.onnx");
            if (string.IsNullOrEmpty(options.DataDirectory))
                options.DataDirectory = Path.Combine(Path.GetFullPath(arguments.Output), "site");
            if (arguments.Threads > 0)
                options.Threads = arguments.Threads;
        });
        builder.Services.AddFineTuningWatchdog();
        builder.Services.AddFineTuningWeb(builder.Configuration.GetSection("FineTuningWeb"));
        builder.Services.AddHealthChecks().AddFineTuningHealthChecks();
        builder.Services.AddMonitoring(Monitoring.IsCollectorNamed);
        if (arguments.Handwriting)
            builder.Services.AddHostedService<HandwritingSeed>();
        var application = builder.Build();
        application.MapFineTuning();
        application.MapHealthChecks("/health");
        application.MapPrometheusScrapingEndpoint();
        application.MapTryPage();
        return application;
    }
}
