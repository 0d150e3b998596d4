using System.Diagnostics;
using System.Text.Json.Nodes;
using static System.FormattableString;

namespace OrtAdaMomentum.Bench.Service;

/// <summary>What a process and its folder take of the machine, after a collection.</summary>
internal sealed record SoakUsage(long Resident, long Managed, int Threads, int OpenFiles, int Files, long FileBytes)
{
    public string Row => Invariant($"{Resident / 1e6:F1} | {Managed / 1e6:F2} | {Threads} | {OpenFiles} | {Files} | {FileBytes / 1e6:F2}");

    public static SoakUsage Now(string folder)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        int openFiles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        return new SoakUsage(process.WorkingSet64, managed, process.Threads.Count, openFiles, files.Length, files.Sum(static file => file.Length));
    }

    public string Against(SoakUsage first) => Invariant(
        $"resident {(double)Resident / first.Resident:F3}, managed {(double)Managed / first.Managed:F3}, threads {(double)Threads / first.Threads:F2}, open files {(double)OpenFiles / first.OpenFiles:F2}, files {(double)Files / first.Files:F2}, bytes of files {(double)FileBytes / first.FileBytes:F3}");

    public JsonObject Json(int day) => new()
    {
        ["days"] = day, ["residentBytes"] = Resident, ["managedBytes"] = Managed, ["threads"] = Threads,
        ["openFiles"] = OpenFiles, ["files"] = Files, ["fileBytes"] = FileBytes,
    };
}
