using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Personalization.Web;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tools;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>The verbs of <c>service</c> on a service that runs.</summary>
public sealed class RunningServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_service_is_looked_after_while_it_runs()
    {
        await using var host = await WebHost.StartAsync(_folder);
        string url = host.Addresses[0] + "/fine-tuning";
        foreach (var sample in TinyClassifier.Samples(10))
            await host.Model.Ingest.AddAsync(new Sample(sample.Inputs, sample.Target) { Subject = "ann" }, Cancelled);

        var status = await ToolRun.SucceedAsync("service", "status", "--url", url);
        Assert.Equal(10, status.GetProperty("samples").GetProperty("total").GetInt32());
        Assert.Equal(1, (await ToolRun.SucceedAsync("service", "versions", "--url", url)).GetProperty("versions").GetArrayLength());
        Assert.Equal(0, (await ToolRun.SucceedAsync("service", "promote", "v0", "--url", url)).GetProperty("number").GetInt32());

        await ToolRun.SucceedAsync("service", "pause", "--reason", "moving house", "--url", url);
        status = await ToolRun.SucceedAsync("service", "status", "--url", url);
        Assert.True(status.GetProperty("pause").GetProperty("byHand").GetBoolean());
        Assert.Contains("moving house", status.GetProperty("pause").GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        await ToolRun.SucceedAsync("service", "resume", "--url", url);
        Assert.Empty(host.Model.Monitor.PauseReasons);

        await ToolRun.SucceedAsync("service", "export", _folder["model-now.onnx"], "--url", url);
        Assert.Equal(
            host.Model.Registry.Current.Id, OrtAdaMomentum.Storage.ContentHash.Of(await File.ReadAllBytesAsync(_folder["model-now.onnx"], Cancelled)));
        await ToolRun.SucceedAsync("service", "export", _folder["samples.archive"], "--what", "samples", "--url", url);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["samples.archive"]));
        using var copy = new SqliteSampleStore(_folder["copy.db"], new SampleLimits(1000));
        await using (var archive = File.OpenRead(_folder["samples.archive"]))
            await copy.ImportAsync(archive, cancellationToken: Cancelled);
        Assert.Equal(10, (await copy.CountAsync(Cancelled)).Total);

        Assert.Equal(10, (await ToolRun.SucceedAsync("service", "forget-subject", "ann", "--url", url)).GetProperty("samples").GetInt32());
        Assert.Equal(0, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_refusal_of_the_service_is_passed_on_in_its_words()
    {
        await using var host = await WebHost.StartAsync(_folder);
        string url = host.Addresses[0] + "/fine-tuning";
        await ToolRun.FailAsync(ExitCodes.Service, "nothing to roll back to", "service", "rollback", "--url", url);
        await ToolRun.FailAsync(ExitCodes.Service, "There is no version 'v9'", "service", "promote", "v9", "--url", url);
        await ToolRun.FailAsync(ExitCodes.Service, "There is no model 'other'", "service", "status", "--url", url, "--model", "other");
        await ToolRun.FailAsync(ExitCodes.Service, "is it the address of a fine-tuning service?", "service", "status", "--url", host.Addresses[0] + "/nothing");
        await ToolRun.FailAsync(ExitCodes.Service, "cannot be reached", "service", "status", "--url", "http://127.0.0.1:1/fine-tuning");
    }

    [Fact]
    public async Task A_key_is_read_from_a_file_and_sent()
    {
        const string key = "a-key-of-sixteen-letters-and-more";
        await using var host = await WebHost.StartAsync(_folder, static web =>
        {
            web.Access = FineTuningAccess.ApiKey;
            web.ApiKey = key;
        });
        string url = host.Addresses[0] + "/fine-tuning";
        await File.WriteAllTextAsync(_folder["key"], key + "\n", Cancelled);

        await ToolRun.SucceedAsync("service", "status", "--url", url, "--api-key-file", _folder["key"]);
        await ToolRun.FailAsync(ExitCodes.Service, "(401 Unauthorized) The file with the key is named by --api-key-file.", "service", "status", "--url", url);
        await ToolRun.FailAsync(ExitCodes.File, "There is no file", "service", "status", "--url", url, "--api-key-file", _folder["none"]);
    }

    [Fact]
    public async Task One_of_several_models_is_named()
    {
        await using var host = await WebHost.StartAsync(_folder, names: ["digits", "letters"]);
        string url = host.Addresses[0] + "/fine-tuning";
        var status = await ToolRun.SucceedAsync("service", "status", "--url", url, "--model", "letters");
        Assert.Equal("letters", status.GetProperty("model").GetString());
    }
}
