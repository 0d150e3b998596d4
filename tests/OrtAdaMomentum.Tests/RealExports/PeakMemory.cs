using System.Globalization;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>How much more memory the process held at its highest than when this was made; 0 where the system does not tell.</summary>
internal sealed class PeakMemory
{
    private const string Status = "/proc/self/status";

    private readonly double _start;

    public PeakMemory()
    {
        if (!File.Exists(Status))
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        // Linux starts the peak anew from what is held now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        _start = Read("VmRSS:");
    }

    public double PeakMebibytes() => File.Exists(Status) ? Math.Max(0, Read("VmHWM:") - _start) : 0;

    private static double Read(string key)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
