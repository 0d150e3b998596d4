using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.ServiceKills;

/// <summary>A service that goes through the scenario from wherever it was killed. Every state it enters is a line of output.</summary>
internal static class ServiceUnderTest
{
    /// <summary>Name of the file of acknowledged keys, one a line.</summary>
    public const string Acknowledged = "acknowledged";

    public static async Task<int> RunAsync(string folder, int phases)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole(static options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddFineTuning(options => Scenario.Configure(options, folder));
        using var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        var model = host.Services.GetRequiredService<FineTuningModel>();
        Console.WriteLine("ready");
        _ = Task.Run(() => TellAsync(model.Monitor));

        var scenario = new Scenario();
        using var acknowledged = new FileStream(Path.Combine(folder, Acknowledged), FileMode.Append, FileAccess.Write, FileShare.Read);
        // Every run leaves exactly one version, so their number says which phase it is.
        for (int phase = Runs(model); phase < phases; phase = Runs(model))
        {
            await BringAsync(model, scenario, phase, acknowledged).ConfigureAwait(false);
            while (Runs(model) == phase || model.Monitor.State is not (FineTuningState.Idle or FineTuningState.Collecting))
            {
                if (model.Monitor.LatestFailure is { } failure)
                    throw new InvalidOperationException(failure.Message);
                await Task.Delay(2).ConfigureAwait(false);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"phase {phase + 1}"));
        }

        await host.StopAsync().ConfigureAwait(false);
        return 0;
    }

    private static int Runs(FineTuningModel model) => model.Registry.Versions.Count - 1;

    private static async Task BringAsync(FineTuningModel model, Scenario scenario, int phase, FileStream acknowledged)
    {
        Console.WriteLine("ingest");
        int first = phase * Scenario.SamplesOfPhase, last = first + Scenario.SamplesOfPhase - 1;
        for (int number = first; number < last; number++)
            await AddAsync(number).ConfigureAwait(false);
        if (!await model.Ingest.CorrectAsync(Scenario.Key(first), scenario.Label(first)).ConfigureAwait(false))
            throw new InvalidOperationException($"{Scenario.Key(first)} was acknowledged but is not in the store.");
        // The one that starts the run comes when everything else of the phase is there.
        await AddAsync(last).ConfigureAwait(false);

        async Task AddAsync(int number)
        {
            await model.Ingest.AddAsync(scenario.Sample(number)).ConfigureAwait(false);
            // Written through to the system, which outlives the process.
            acknowledged.Write(System.Text.Encoding.ASCII.GetBytes(Scenario.Key(number) + "\n"));
            acknowledged.Flush();
        }
    }

    private static async Task TellAsync(IFineTuningMonitor monitor)
    {
        await foreach (var happened in monitor.WatchAsync().ConfigureAwait(false))
        {
            if (happened is StateChanged changed)
                Console.WriteLine(changed.State);
        }
    }
}
