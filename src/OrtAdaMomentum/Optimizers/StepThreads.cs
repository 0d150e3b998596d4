using System.Globalization;

namespace OrtAdaMomentum.Optimizers;

/// <summary>How many threads a step uses when the caller leaves it open.</summary>
internal static class StepThreads
{
    /// <summary>The largest number that can be asked for.</summary>
    public const int Most = 256;

    /// <summary>Below this many floats for each thread, waking one costs more than it saves.</summary>
    public const int FloatsPerThread = 128 * 1024;

    /// <summary>A step waits for memory, which a few cores saturate.</summary>
    private const int Enough = 8;

    private static readonly int _cores = Math.Clamp(PhysicalCores(), 1, Enough);

    /// <summary>Threads for so many trained floats, the calling one included.</summary>
    public static int For(long floats) => (int)Math.Clamp(floats / FloatsPerThread, 1, _cores);

    /// <summary>
    /// Physical cores that this process may use. Sibling threads of a core share its path to memory, so a second one there gains nothing.
    /// Where the system does not say which are siblings, every logical processor counts.
    /// </summary>
    private static int PhysicalCores()
    {
        int logical = Environment.ProcessorCount;
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsAndroid())
            return logical;
        HashSet<string> siblings = [];
        try
        {
            for (int cpu = 0; ; cpu++)
            {
                string path = string.Create(
                    CultureInfo.InvariantCulture, $"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
                if (!File.Exists(path))
                    break;
                siblings.Add(File.ReadAllText(path));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return logical;
        }

        return siblings.Count == 0 ? logical : Math.Min(logical, siblings.Count);
    }
}
