namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Goes by when terminals (<c>/dev/tty1</c>, <c>/dev/pts/0</c> and the like) and input devices (<c>/dev/input</c>) were read last, which is when
/// somebody typed, and by the interrupts of keyboards and mice that have some of their own. A graphical session reads its devices in ways that
/// leave no such trace; while there is one, the time found is only the longest possible.
/// </summary>
internal sealed class LinuxUserIdleProbe(LinuxFiles files, TimeProvider time) : IUserIdleProbe
{
    private readonly LinuxSessions _sessions = new(files);
    private readonly Lock _lock = new();
    private Look? _last;

    public UserIdle? Read()
    {
        string[] terminals = [.. Numbered("dev", "tty"), .. Numbered("dev/pts", ""), .. files.Names("dev/input").Select(static name => $"dev/input/{name}")];
        // A container or a hardened unit does not see the terminals that the kernel has.
        if (!Array.Exists(terminals, static name => name.StartsWith("dev/tty", StringComparison.Ordinal)) && files.Exists("sys/class/tty/tty0"))
            return null;
        var input = terminals.Select(files.LastAccess).Max();
        string interrupts = Interrupts();
        bool graphical = _sessions.AnyGraphical();
        lock (_lock)
        {
            _last = Next(_last, input, interrupts);
            return new UserIdle(_last.Idle, MayBeLess: graphical);
        }
    }

    /// <summary>
    /// Once an input was seen, the time since is taken from a clock that nobody sets: a clock that was put back would otherwise show inputs of
    /// the future, and one that was put forward an idle time that there never was.
    /// </summary>
    private Look Next(Look? last, DateTime? input, string interrupts)
    {
        long now = time.GetTimestamp();
        var byFile = input is not { } at ? TimeSpan.MaxValue : time.GetUtcNow().UtcDateTime - at is { Ticks: > 0 } since ? since : TimeSpan.Zero;
        if (last is null)
            return new Look(now, byFile, input, interrupts);
        var sinceLook = time.GetElapsedTime(last.Time, now);
        TimeSpan idle;
        if (interrupts != last.Interrupts || input != last.Input)
            idle = byFile < sinceLook ? byFile : sinceLook; // The latest look did not see it yet.
        else
            idle = last.Idle == TimeSpan.MaxValue ? last.Idle : last.Idle + sinceLook;
        return new Look(now, idle, input, interrupts);
    }

    private IEnumerable<string> Numbered(string folder, string prefix) =>
        files.Names(folder).Where(name => IsNumbered(name, prefix)).Select(name => $"{folder}/{name}");

    private static bool IsNumbered(string name, string prefix) =>
        name.Length > prefix.Length
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && !name.AsSpan(prefix.Length).ContainsAnyExceptInRange('0', '9');

    private string Interrupts() =>
        string.Join('\n', (files.Read("proc/interrupts") ?? "").Split('\n').Where(static line =>
            line.Contains("i8042", StringComparison.Ordinal) || line.Contains("keyboard", StringComparison.Ordinal)));

    private sealed record Look(long Time, TimeSpan Idle, DateTime? Input, string Interrupts);
}
