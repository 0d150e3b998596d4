namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Reads the limits that the process's control groups set, of version 2 and of version 1. A limit of any group above its own binds it too, so
/// all are read up to the root; that also finds the limits of a container that sees its groups' files but not their place in the host's tree.
/// </summary>
internal sealed class LinuxControlGroups(LinuxFiles files)
{
    private const string Mount = "sys/fs/cgroup";

    // Version 1 says "no limit" by a number near the end of the range.
    private const long Unlimited = 1L << 60;

    /// <summary>Processors' worth of time that the process may use, such as 1.5; null for no limit.</summary>
    public double? ReadProcessorQuota()
    {
        double? least = null;
        foreach (var (folder, isUnified) in Folders("cpu"))
            least = Less(least, isUnified ? QuotaOf(folder) : OldQuotaOf(folder));
        return least;
    }

    /// <summary>Bytes that the process may take before a limit is reached; null for no limit.</summary>
    public long? ReadMemoryLeft()
    {
        long? least = null;
        foreach (var (folder, isUnified) in Folders("memory"))
        {
            least = Less(
                least,
                isUnified
                    ? LeftOf(folder, "memory.max", "memory.current", "inactive_file ")
                    : LeftOf(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "));
        }

        return least;
    }

    private double? QuotaOf(string folder)
    {
        string[] parts = files.Read($"{folder}/cpu.max")?.Split(' ') ?? [];
        return parts.Length == 2 ? Quota(LinuxFiles.Number(parts[0]), LinuxFiles.Number(parts[1])) : null;
    }

    private double? OldQuotaOf(string folder) =>
        Quota(files.ReadNumber($"{folder}/cpu.cfs_quota_us"), files.ReadNumber($"{folder}/cpu.cfs_period_us"));

    private static double? Quota(long? quota, long? period) => quota > 0 && period > 0 ? (double)quota.Value / period.Value : null;

    private long? LeftOf(string folder, string limitFile, string usageFile, string reclaimable)
    {
        if (files.ReadNumber($"{folder}/{limitFile}") is not (>= 0 and < Unlimited and long limit))
            return null;
        if (files.ReadNumber($"{folder}/{usageFile}") is not (>= 0 and long usage))
            return null;
        // Pages of files that were not used lately are counted as usage, but given back when something needs the memory.
        string? line = files.Read($"{folder}/memory.stat")?.Split('\n').FirstOrDefault(line => line.StartsWith(reclaimable, StringComparison.Ordinal));
        long inactive = LinuxFiles.Number(line.AsSpan(line is null ? 0 : reclaimable.Length)) ?? 0;
        return Math.Max(0, limit - Math.Max(0, usage - Math.Max(0, inactive)));
    }

    /// <summary>The folders of a controller that can hold limits of this process.</summary>
    private IEnumerable<(string Folder, bool IsUnified)> Folders(string controller)
    {
        foreach (string line in files.Read("proc/self/cgroup")?.Split('\n') ?? [])
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            bool isUnified = parts[0] == "0" && parts[1].Length == 0;
            if (!isUnified && !parts[1].Split(',').Contains(controller))
                continue;
            // Version 2 is mounted at the top, or beside version 1 in a folder of its own; version 1 has a folder for each controller.
            string mount = !isUnified ? OldMount(parts[1], controller) : files.Exists($"{Mount}/unified") ? $"{Mount}/unified" : Mount;
            for (string path = parts[2].Trim('/'); ; path = path.LastIndexOf('/') is > 0 and int at ? path[..at] : "")
            {
                // A process that is outside its namespace's root is shown with a path that leads up.
                if (!path.Split('/').Contains(".."))
                    yield return (path.Length == 0 ? mount : $"{mount}/{path}", isUnified);
                if (path.Length == 0)
                    break;
            }
        }
    }

    private string OldMount(string controllers, string controller) =>
        files.Exists($"{Mount}/{controllers}") ? $"{Mount}/{controllers}" : $"{Mount}/{controller}";

    private static T? Less<T>(T? one, T? other)
        where T : struct, IComparable<T> =>
        one is null ? other : other is null || one.Value.CompareTo(other.Value) < 0 ? one : other;
}
