using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace OrtAdaMomentum.SampleTests;

/// <summary>The sample's service in a process and a folder of its own.</summary>
public sealed partial class Site : IAsyncDisposable
{
    private const int TerminateSignal = 15;

    private readonly Process _process;
    private readonly string? _ownFolder;
    private volatile int _serviceId;
    private readonly List<string> _output = [];

    private Site(Process process, string? ownFolder)
    {
        _process = process;
        _serviceId = process.Id;
        _ownFolder = ownFolder;
    }

    /// <summary>What the service has written.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
                return [.. _output];
        }
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Starts the service and waits until it listens.</summary>
    /// <param name="settings">Settings by their names, such as <c>FineTuning:Epochs</c>.</param>
    public static Task<Site> StartAsync(params IEnumerable<(string Name, string Value)> settings) =>
        StartAsync(settings, Directory.CreateTempSubdirectory("ort-ada-site-").FullName, isOwnFolder: true);

    /// <summary>Starts the service on a folder that stays.</summary>
    /// <param name="settings">Settings by their names.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="asUnit">Whether it takes itself for a unit of systemd.</param>
    public static Task<Site> StartAsync(IEnumerable<(string Name, string Value)> settings, string folder, bool asUnit = false) =>
        StartAsync(settings, folder, isOwnFolder: false, asUnit);

    private static async Task<Site> StartAsync(IEnumerable<(string Name, string Value)> settings, string folder, bool isOwnFolder, bool asUnit = false)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "EdgeFineTune.dll");
        string[] command = ["dotnet", program, "--serve", "--urls", "http://127.0.0.1:0", "--handwriting", "--threads", "1", "--out", folder];
        string[] shell = asUnit ? [ParentNamedSystemd(folder), "-c", "\"$0\" \"$@\" & echo \"process $!\"; wait $!; exit $?", .. command] : command;
        var start = new ProcessStartInfo(shell[0], shell[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start)!;
        var site = new Site(process, isOwnFolder ? folder : null);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            site.Address = await listening.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        }
        catch (Exception error)
        {
            await site.DisposeAsync();
            throw new InvalidOperationException($"The service did not start: {string.Join(Environment.NewLine, site.Output)}", error);
        }

        return site;

        void Read(string? line)
        {
            if (line is null)
            {
                listening.TrySetException(new InvalidOperationException("It ended."));
                return;
            }

            lock (site._output)
                site._output.Add(line);
            if (Child().Match(line) is { Success: true } child)
                site._serviceId = int.Parse(child.Groups[1].Value, CultureInfo.InvariantCulture);
            if (Listening().Match(line) is { Success: true } match)
                listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    public Uri this[string path] => new(Address, path);

    /// <summary>Asks the service to end, as systemd does, and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, SendSignal(_serviceId, TerminateSignal));
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_ownFolder is not null)
            Directory.Delete(_ownFolder, recursive: true);
    }

    /// <summary>A shell of the name by which a process that systemd starts knows its parent.</summary>
    private static string ParentNamedSystemd(string folder)
    {
        string shell = Path.Combine(folder, "systemd");
        File.Copy("/bin/sh", shell);
        return shell;
    }

    [GeneratedRegex(@"^process (\d+)$")]
    private static partial Regex Child();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex Listening();
}
