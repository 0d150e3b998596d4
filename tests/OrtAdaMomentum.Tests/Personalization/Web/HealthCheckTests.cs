using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed partial class HealthCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Health_is_as_documented_for_every_kind_of_problem_and_again_healthy_when_it_is_over()
    {
        var documented = DocumentedRow().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "http-api.md")))
            .ToDictionary(static row => Enum.Parse<FineTuningProblemKind>(row.Groups[1].Value), static row => Enum.Parse<HealthStatus>(row.Groups[2].Value));
        Assert.Equal(Enum.GetValues<FineTuningProblemKind>().Order(), documented.Keys.Order());
        await using var host = await StartAsync();
        var problems = host.Get<IServiceProvider>().GetRequiredKeyedService<FineTuningProblems>(FineTuningModel.DefaultName);

        foreach (var (kind, status) in documented)
        {
            problems.Report(kind, $"This is about {kind}.");
            var report = await CheckAsync(host);
            Assert.Equal((kind, status), (kind, report.Status));
            Assert.Contains($"default: This is about {kind}.", report.Description, StringComparison.Ordinal);

            problems.Resolve(kind);
            Assert.Equal((kind, HealthStatus.Healthy), (kind, (await CheckAsync(host)).Status));
        }
    }

    [Fact]
    public async Task The_worst_of_several_models_counts_and_one_can_be_asked_for_alone()
    {
        await using var host = await WebHost.StartAsync(
            _folder,
            names: ["digits", "letters"],
            build: static builder => builder.Services.AddHealthChecks().AddFineTuningHealthChecks().AddFineTuningHealthChecks("only", "digits", "live"));
        var problems = host.Get<IServiceProvider>().GetRequiredKeyedService<FineTuningProblems>("letters");
        problems.Report(FineTuningProblemKind.Training, "The disk is full.");

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(host)).Status);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host, "only")).Status);
        Assert.Equal(["live"], (await CheckAsync(host, "only")).Tags);

        problems.Report(FineTuningProblemKind.Serving, "The model is gone.");
        var worst = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, worst.Status);
        Assert.Contains("The disk is full.", worst.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_has_stopped_is_unhealthy()
    {
        await using var host = await StartAsync();
        foreach (var service in host.Get<IEnumerable<IHostedService>>().Where(static service => service is FineTuningService))
            await service.StopAsync(Cancelled);

        var report = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("has stopped", report.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_tell_version_state_samples_and_the_latest_decision()
    {
        await using var host = await StartAsync(new FakeEngine());
        foreach (var sample in TinyClassifier.Samples(50))
            await host.Model.Ingest.AddAsync(sample, Cancelled);
        await host.Model.Control.RequestRunAsync(Cancelled);

        var data = (await CheckAsync(host)).Data;

        Assert.StartsWith("v1-", (string)data["default.version"], StringComparison.Ordinal);
        Assert.Equal(50, data["default.samples"]);
        Assert.Equal(0, data["default.samples.new"]);
        Assert.IsType<DateTimeOffset>(data["default.decided"]);
        Assert.IsType<string>(data["default.state"]);
    }

    [Fact]
    public async Task A_check_of_an_unknown_model_says_which_there_are()
    {
        await using var host = await WebHost.StartAsync(
            _folder, build: static builder => builder.Services.AddHealthChecks().AddFineTuningHealthChecks(model: "letters"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Get<HealthCheckService>().CheckHealthAsync(Cancelled));

        Assert.Contains("'letters'", error.Message, StringComparison.Ordinal);
        Assert.Contains("default", error.Message, StringComparison.Ordinal);
    }

    private Task<WebHost> StartAsync(ITrainingEngine? engine = null) => WebHost.StartAsync(
        _folder, engine: engine, build: static builder => builder.Services.AddHealthChecks().AddFineTuningHealthChecks());

    private static async Task<HealthReportEntry> CheckAsync(WebHost host, string name = "fine-tuning") =>
        (await host.Get<HealthCheckService>().CheckHealthAsync(Cancelled)).Entries[name];

    [GeneratedRegex(@"^\| `(\w+)`: [^|]+\| `(\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex DocumentedRow();
}
