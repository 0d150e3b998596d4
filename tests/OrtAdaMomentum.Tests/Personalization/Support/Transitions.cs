using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>
/// Does something at the changes of a run, while the service waits: those that it writes down, and those of the registry. A copy of the data folder that
/// is made then is what a process leaves that ends there.
/// </summary>
internal sealed class Transitions(Action<int, string> reached) : ILoggerProvider, ILogger
{
    private static readonly int[] Events = [45, 48, 60, 61];

    private int _count;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Events.Contains(eventId.Id))
            reached(_count++, formatter(state, exception));
    }

    public void Dispose()
    {
    }

    /// <summary>Copies a data folder as it is now, without the lock of the service that has it.</summary>
    public static void Copy(string from, string to)
    {
        foreach (string path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            // A temporary file of another part of the service is in use, or has its final name by now.
            if (Path.GetFileName(path) == OrtAdaMomentum.Personalization.DataDirectoryLock.FileName || path.EndsWith(OrtAdaMomentum.Storage.AtomicFile.TemporarySuffix, StringComparison.Ordinal))
                continue;
            string target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }
}
