using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OrtAdaMomentum.BrowserTests;

/// <summary>The sample's service in a process and a folder of its own.</summary>
public sealed partial class Site : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private Site(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Starts the service and waits until it listens.</summary>
    /// <param name="settings">Settings by their names, such as <c>FineTuning:Epochs</c>.</param>
    public static async Task<Site> StartAsync(params IEnumerable<(string Name, string Value)> settings)
    {
        string folder = Directory.CreateTempSubdirectory("ort-ada-site-").FullName;
        string program = Path.Combine(AppContext.BaseDirectory, "EdgeFineTune.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--serve", "--urls", "http://127.0.0.1:0", "--handwriting", "--threads", "1", "--out", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start)!;
        var site = new Site(process, folder);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
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
            lock (output)
                throw new InvalidOperationException($"The service did not start: {string.Join(Environment.NewLine, output)}", error);
        }

        return site;

        void Read(string? line)
        {
            if (line is null)
            {
                listening.TrySetException(new InvalidOperationException("It ended."));
                return;
            }

            lock (output)
                output.Add(line);
            if (Listening().Match(line) is { Success: true } match)
                listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    public Uri this[string path] => new(Address, path);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex Listening();
}
