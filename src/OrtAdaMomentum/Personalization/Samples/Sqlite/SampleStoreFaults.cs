using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>Turns what SQLite reports into an error that says what to do. The codes are those of https://sqlite.org/rescode.html.</summary>
internal static class SampleStoreFaults
{
    public const int InputOutput = 10, Corrupt = 11, Constraint = 19;

    private const int Busy = 5, Locked = 6, ReadOnly = 8, Full = 13, CannotOpen = 14, NoDatabase = 26;

    // Growing the file of shared memory is where a full disk is noticed first when the log is new.
    private const int SharedMemorySize = 4874;

    public static SampleStoreException Describe(string path, SqliteException fault)
    {
        var problem = ProblemOf(fault);
        string advice = problem switch
        {
            SampleStoreProblem.DiskFull => "The disk is full. Make room on it; samples are taken again as soon as there is some.",
            SampleStoreProblem.NotWritable =>
                "The file or its folder cannot be opened or written. Give the user of the service the right to read and write both, and mount the disk writable.",
            SampleStoreProblem.Damaged =>
                "The file is damaged and is left as it is. Stop the service, move it away together with the files -wal and -shm beside it, and copy what can still be read with SqliteSampleStore.SalvageAsync.",
            SampleStoreProblem.Busy => "Another program holds the file. End it; one service at a time may use a data folder.",
            _ when fault.SqliteErrorCode == InputOutput => "The disk cannot be read or written. Look for errors of the disk in the system's log.",
            _ => "The samples could not be read or written.",
        };
        return new SampleStoreException(problem, $"{path}: {advice} ({fault.Message})", fault);
    }

    /// <summary>The same for what the file system reports.</summary>
    public static SampleStoreException Describe(string path, Exception fault) =>
        fault is SqliteException sqlite
            ? Describe(path, sqlite)
            : new SampleStoreException(
                SampleStoreProblem.NotWritable,
                $"{path}: The folder cannot be made or written. Give the user of the service the right to do so. ({fault.Message})",
                fault);

    /// <summary>Whether the connection is of no use after this: what it holds of the file may not be what is in it.</summary>
    public static bool EndsConnection(SampleStoreProblem problem) => problem is not (SampleStoreProblem.DiskFull or SampleStoreProblem.Busy);

    public static SampleStoreProblem ProblemOf(SqliteException fault) =>
        fault.SqliteErrorCode switch
        {
            Full => SampleStoreProblem.DiskFull,
            InputOutput when fault.SqliteExtendedErrorCode == SharedMemorySize => SampleStoreProblem.DiskFull,
            ReadOnly or CannotOpen => SampleStoreProblem.NotWritable,
            Corrupt or NoDatabase => SampleStoreProblem.Damaged,
            Busy or Locked => SampleStoreProblem.Busy,
            _ => SampleStoreProblem.Other,
        };
}
