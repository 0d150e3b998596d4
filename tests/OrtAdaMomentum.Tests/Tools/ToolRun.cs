using System.Text.Json;
using OrtAdaMomentum.Tools;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>What the tool wrote and returned.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON object on standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Kind of the error in the JSON output.</summary>
    public string? ErrorKind => Json.GetProperty("error").GetProperty("kind").GetString();

    /// <summary>Runs a verb in this process.</summary>
    public static async Task<ToolRun> RunAsync(string[] arguments, CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = await ToolApp.RunAsync(arguments, output, error, cancellationToken);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a verb that has to succeed, with JSON output.</summary>
    public static async Task<JsonElement> SucceedAsync(params string[] arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, $"Exit code {run.ExitCode}: {run.Error}");
        return run.Json;
    }

    /// <summary>Runs a verb that has to fail with an exit code and a message that says a reason, on both outputs and without a stack trace.</summary>
    public static async Task FailAsync(int exitCode, string reason, params string[] arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason, run.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(ErrorKinds.Name(exitCode), run.ErrorKind);
    }
}
