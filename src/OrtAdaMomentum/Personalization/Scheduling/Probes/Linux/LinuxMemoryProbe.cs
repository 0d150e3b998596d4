namespace OrtAdaMomentum.Personalization;

/// <summary>Reads <c>MemAvailable</c> of <c>/proc/meminfo</c> and the limits of the process's control groups.</summary>
internal sealed class LinuxMemoryProbe(LinuxFiles files) : IMemoryProbe
{
    private readonly LinuxControlGroups _groups = new(files);

    public long? ReadAvailableBytes()
    {
        const string Label = "MemAvailable:", Unit = "kB";
        string? line = files.Read("proc/meminfo")?.Split('\n').FirstOrDefault(static line => line.StartsWith(Label, StringComparison.Ordinal));
        long? ofMachine = line is not null && line.EndsWith(Unit, StringComparison.Ordinal)
            && LinuxFiles.Number(line.AsSpan(Label.Length, line.Length - Label.Length - Unit.Length).Trim()) is >= 0 and < long.MaxValue / 1024 and long kibibytes
                ? kibibytes * 1024
                : null;
        return _groups.ReadMemoryLeft() is { } left ? Math.Min(ofMachine ?? left, left) : ofMachine;
    }
}
