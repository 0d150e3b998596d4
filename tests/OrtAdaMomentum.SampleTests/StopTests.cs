using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrtAdaMomentum.SampleTests;

/// <summary>The sample's service as systemd runs it.</summary>
public sealed class StopTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_in_the_middle_of_training_takes_less_than_5_seconds_and_the_run_goes_on_at_the_next_start()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal to ask a process to end.");
        string folder = Directory.CreateTempSubdirectory("ort-ada-stop-").FullName;
        (string, string)[] settings =
        [
            ("FineTuning:MinimumSamples", "500"), ("FineTuning:Epochs", "1000"), ("FineTuning:CheckpointEverySteps", "1000000"),
            ("FineTuning:EarlyStopping:Patience", "0"),
        ];
        try
        {
            await using (var site = await Site.StartAsync(settings, folder))
            {
                using var client = new HttpClient { BaseAddress = site.Address };
                // Somebody watches, whose stream must not hold up the end.
                using var watching = await client.GetAsync("/fine-tuning/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
                await WaitForStepAsync(client, 10);

                long started = Stopwatch.GetTimestamp();
                Assert.Equal(0, await site.StopAsync());
                Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            }

            await using (var site = await Site.StartAsync(settings, folder))
            {
                using var client = new HttpClient { BaseAddress = site.Address };
                await WaitForStepAsync(client, 1);
                Assert.Contains(site.Output, static line => line.Contains("goes on where it was interrupted", StringComparison.Ordinal));
                Assert.Equal(0, await site.StopAsync());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Systemd_is_told_when_the_service_is_ready_that_it_lives_and_when_it_stops()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has systemd.");
        string folder = Directory.CreateTempSubdirectory("ort-ada-notify-").FullName;
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "notify")));
        var told = new List<string>();
        try
        {
            await using var site = await Site.StartAsync(
                [("NOTIFY_SOCKET", Path.Combine(folder, "notify")), ("WATCHDOG_USEC", "1000000"), ("FineTuning:MinimumSamples", "20000")],
                folder,
                asUnit: true);
            await ReceiveUntilAsync("READY=1");
            await ReceiveUntilAsync("WATCHDOG=1\nSTATUS=digits v0-");
            await ReceiveUntilAsync("WATCHDOG=1\nSTATUS=digits v0-");
            Assert.Equal(0, await site.StopAsync());
            await ReceiveUntilAsync("STOPPING=1");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task ReceiveUntilAsync(string wanted)
        {
            byte[] buffer = new byte[1000];
            do
                told.Add(Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, Cancelled)));
            while (!told[^1].StartsWith(wanted, StringComparison.Ordinal));
        }
    }

    private static async Task WaitForStepAsync(HttpClient client, int step)
    {
        while (true)
        {
            var status = await client.GetFromJsonAsync<JsonElement>("/fine-tuning/status", Cancelled);
            if (status.TryGetProperty("progress", out var progress) && progress.GetProperty("step").GetInt32() >= step)
                return;
            await Task.Delay(50, Cancelled);
        }
    }
}
