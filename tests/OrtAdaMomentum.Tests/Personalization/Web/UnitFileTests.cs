using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>The unit for systemd that is in the repository.</summary>
public sealed partial class UnitFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string Unit => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "edge-fine-tune.service"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Type=notify")]
    [InlineData("WatchdogSec=60")]
    [InlineData("Restart=always")]
    [InlineData("StateDirectory=edge-fine-tune")]
    [InlineData("DynamicUser=yes")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("CapabilityBoundingSet=")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("SystemCallFilter=@system-service")]
    [InlineData("IPAddressDeny=any")]
    public void It_says_what_the_documentation_promises(string line) => Assert.Contains(line, Unit.Split('\n'));

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_it_and_little_exposed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed.");
        string path = _folder["edge-fine-tune.service"];
        // The program is not installed where the unit expects it.
        File.WriteAllText(path, Unit.Replace("/opt/edge-fine-tune/EdgeFineTune", "/bin/true", StringComparison.Ordinal));

        Assert.Equal((0, ""), await AnalyzeAsync("verify", path));
        var (_, rating) = await AnalyzeAsync("security", "--offline=true", "--no-pager", path);
        Assert.InRange(double.Parse(Exposure().Match(rating).Groups[1].Value, CultureInfo.InvariantCulture), 0, 2);
    }

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancelled), process.StandardError.ReadToEndAsync(Cancelled));
        await process.WaitForExitAsync(Cancelled);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"Overall exposure level for \S+: ([\d.]+)")]
    private static partial Regex Exposure();
}
