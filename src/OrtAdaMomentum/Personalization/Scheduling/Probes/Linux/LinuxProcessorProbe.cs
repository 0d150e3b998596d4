namespace OrtAdaMomentum.Personalization;

/// <summary>Reads <c>/proc/stat</c> and the quotas of the process's control groups.</summary>
/// <param name="files">The system's files.</param>
/// <param name="processors">Processors that the process may use by its affinity.</param>
internal sealed class LinuxProcessorProbe(LinuxFiles files, double processors) : IProcessorProbe
{
    // The kernel counts in hundredths of a second on every architecture that .NET runs on.
    private const long TicksOfCount = TimeSpan.TicksPerSecond / 100;

    // user nice system idle iowait irq softirq steal: what follows is contained in user and nice.
    private const int Idle = 3, Wait = 4, Columns = 8;

    private readonly LinuxControlGroups _groups = new(files);

    public ProcessorTimes? ReadTimes()
    {
        string? line = files.Read("proc/stat")?.Split('\n').FirstOrDefault(static line => line.StartsWith("cpu ", StringComparison.Ordinal));
        string[] parts = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (parts.Length <= Idle + 1)
            return null;
        long busy = 0, total = 0;
        for (int column = 0; column < Math.Min(Columns, parts.Length - 1); column++)
        {
            if (LinuxFiles.Number(parts[column + 1]) is not (>= 0 and < long.MaxValue / TicksOfCount / Columns and long count))
                return null;
            total += count;
            if (column is not (Idle or Wait))
                busy += count;
        }

        return new ProcessorTimes(TimeSpan.FromTicks(busy * TicksOfCount), TimeSpan.FromTicks(total * TicksOfCount));
    }

    public double ReadLimit() => _groups.ReadProcessorQuota() is { } quota ? Math.Min(processors, quota) : processors;
}
