using System.Diagnostics;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tools;
using OrtAdaMomentum.Tools.Service;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>The verbs of <c>service</c> on the folder of a service that does not run.</summary>
public sealed class ServiceFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Data => _folder["data"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Status_and_versions_tell_what_the_service_left()
    {
        string promoted = await RunOnceAsync();

        var status = await ToolRun.SucceedAsync("service", "status", "--data", Data);
        Assert.Equal("Stopped", status.GetProperty("state").GetString());
        Assert.Equal(promoted, status.GetProperty("version").GetProperty("id").GetString());
        Assert.Equal(100, status.GetProperty("samples").GetProperty("total").GetInt32());
        Assert.Equal(0, status.GetProperty("problems").GetArrayLength());

        var versions = (await ToolRun.SucceedAsync("service", "versions", "--data", Data)).GetProperty("versions");
        Assert.Equal([1, 0], versions.EnumerateArray().Select(static version => version.GetProperty("number").GetInt32()));
        Assert.True(versions[0].GetProperty("current").GetBoolean());
        Assert.Contains("gain", versions[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_rolled_back_and_promoted_again_for_the_next_start()
    {
        string promoted = await RunOnceAsync();

        Assert.Equal(0, (await ToolRun.SucceedAsync("service", "rollback", "--data", Data)).GetProperty("number").GetInt32());
        await using (var host = await StartAsync())
            Assert.Equal(0, host.Registry.Current.Number);

        await ToolRun.SucceedAsync("service", "promote", promoted[..8], "--data", Data);
        await using (var host = await StartAsync())
            Assert.Equal(promoted, host.Registry.Current.Id);
    }

    [Fact]
    public async Task A_pause_is_found_by_the_next_start_until_it_is_ended()
    {
        await RunOnceAsync();
        await ToolRun.SucceedAsync("service", "pause", "--reason", "moving house", "--data", Data);
        Assert.Equal(
            "moving house",
            (await ToolRun.SucceedAsync("service", "status", "--data", Data)).GetProperty("pause").GetProperty("reasons")[0].GetString());
        await using (var host = await StartAsync())
            Assert.Contains(host.Monitor.PauseReasons, static reason => reason.Reason.Contains("moving house", StringComparison.Ordinal));

        await ToolRun.SucceedAsync("service", "resume", "--data", Data);
        await using (var host = await StartAsync())
            Assert.Empty(host.Monitor.PauseReasons);
    }

    [Fact]
    public async Task A_subject_is_forgotten_to_the_last_byte()
    {
        byte[] secret = [.. "a name to forget"u8];
        await using (var host = await StartAsync())
            await host.AddAsync(TinyClassifier.Samples(5).Select(static sample => new Sample(sample.Inputs, sample.Target) { Subject = "a name to forget" }));
        Assert.True(Holds(secret));

        var report = await ToolRun.SucceedAsync("service", "forget-subject", "a name to forget", "--data", Data);
        Assert.Equal(5, report.GetProperty("samples").GetInt32());
        Assert.False(Holds(secret));
    }

    [Fact]
    public async Task The_model_and_the_samples_are_written_to_files()
    {
        string promoted = await RunOnceAsync();
        await ToolRun.SucceedAsync("service", "export", _folder["current.onnx"], "--data", Data);
        await ToolRun.SucceedAsync("service", "export", _folder["base.onnx"], "--version", "v0", "--data", Data);
        byte[] current = await File.ReadAllBytesAsync(_folder["current.onnx"], Cancelled);
        Assert.Equal(promoted, OrtAdaMomentum.Storage.ContentHash.Of(current));
        Assert.NotEqual(current, await File.ReadAllBytesAsync(_folder["base.onnx"], Cancelled));

        await ToolRun.SucceedAsync("service", "export", _folder["samples.archive"], "--what", "samples", "--data", Data);
        using var copy = new SqliteSampleStore(_folder["copy.db"], new SampleLimits(1000));
        await using var archive = File.OpenRead(_folder["samples.archive"]);
        await copy.ImportAsync(archive, cancellationToken: Cancelled);
        Assert.Equal(100, (await copy.CountAsync(Cancelled)).Total);

        await ToolRun.FailAsync(ExitCodes.File, "is there already", "service", "export", _folder["current.onnx"], "--data", Data);
    }

    [Fact]
    public async Task Exported_samples_are_brought_back_by_an_import_and_by_salvage_of_a_damaged_file()
    {
        await RunOnceAsync();
        await ToolRun.SucceedAsync("service", "export", _folder["samples.archive"], "--what", "samples", "--data", Data);
        Directory.CreateDirectory(_folder["away"]);
        foreach (string file in Directory.GetFiles(Data, "samples.db*"))
            File.Move(file, _folder["away", Path.GetFileName(file)]);

        var imported = await ToolRun.SucceedAsync("service", "import", _folder["samples.archive"], "--data", Data);
        Assert.Equal((100, 0), (imported.GetProperty("added").GetInt32(), imported.GetProperty("known").GetInt32()));
        imported = await ToolRun.SucceedAsync("service", "import", _folder["samples.archive"], "--data", Data);
        Assert.Equal((0, 100), (imported.GetProperty("added").GetInt32(), imported.GetProperty("known").GetInt32()));

        var salvaged = await ToolRun.SucceedAsync("service", "salvage", _folder["away", "samples.db"], _folder["salvaged.db"]);
        Assert.Equal(100, salvaged.GetProperty("copied").GetInt32());

        await File.WriteAllTextAsync(_folder["no.archive"], "rubbish", Cancelled);
        await ToolRun.FailAsync(ExitCodes.Data, "no.archive", "service", "import", _folder["no.archive"], "--data", Data);
        await ToolRun.FailAsync(ExitCodes.Usage, "--data", "service", "import", _folder["no.archive"], "--url", "http://localhost:1/");
        await ToolRun.FailAsync(ExitCodes.File, "There is no file", "service", "salvage", _folder["none.db"], _folder["new.db"]);
    }

    [Fact]
    public async Task What_the_administrator_writes_belongs_to_the_owner_of_the_folder()
    {
        Assert.SkipUnless(FolderOwner.IsNeeded, "Only the administrator of a Linux machine writes what belongs to others.");
        const string owner = "12345";
        await RunOnceAsync();
        Assert.Equal("", await OutputAsync("chown", "-R", $"{owner}:{owner}", Data));

        await ToolRun.SucceedAsync("service", "rollback", "--data", Data);
        await ToolRun.SucceedAsync("service", "pause", "--data", Data);
        Assert.Equal("", await OutputAsync("find", Data, "-not", "-uid", owner));

        await ToolRun.SucceedAsync("service", "salvage", Path.Combine(Data, "samples.db"), Path.Combine(Data, "salvaged.db"));
        Assert.Equal("", await OutputAsync("find", Data, "-not", "-uid", owner));
    }

    [Fact]
    public async Task A_folder_that_a_service_uses_is_left_alone()
    {
        await using var host = await StartAsync();
        await ToolRun.FailAsync(ExitCodes.Service, "one service at a time", "service", "status", "--data", Data);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_clearly()
    {
        await RunOnceAsync();
        await ToolRun.FailAsync(ExitCodes.File, "There is no folder", "service", "status", "--data", _folder["nothing"]);
        await ToolRun.FailAsync(ExitCodes.Service, "is no data folder", "service", "status", "--data", _folder.Path);
        await ToolRun.FailAsync(ExitCodes.Service, "There is no version 'v9'", "service", "promote", "v9", "--data", Data);
        await ToolRun.FailAsync(ExitCodes.Usage, "--url or --data", "service", "status");
        await ToolRun.FailAsync(ExitCodes.Usage, "begins with http", "service", "status", "--url", "localhost");
        await ToolRun.FailAsync(ExitCodes.Usage, "go with --url", "service", "status", "--data", Data, "--model", "digits");
        await ToolRun.SucceedAsync("service", "rollback", "--data", Data);
        await ToolRun.FailAsync(ExitCodes.Service, "nothing to roll back to", "service", "rollback", "--data", Data);
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return output;
    }

    private async Task<string> RunOnceAsync()
    {
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(100));
        var decision = await host.Control.RequestRunAsync(Cancelled);
        Assert.True(decision.Promote, decision.Reason);
        return host.Registry.Current.Id;
    }

    private Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(_folder, static options =>
    {
        options.LearningRate = 0.1;
        options.MinimumSamples = 1000;
    });

    private bool Holds(byte[] secret) =>
        Directory.GetFiles(Data, "samples.db*").Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(secret) >= 0);
}
