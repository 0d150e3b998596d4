using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The file of a store, opened when it is first needed and again after something went wrong, so that a fault that passes ends with its cause. One
/// user at a time.
/// </summary>
/// <param name="path">Names the file in errors.</param>
/// <param name="time">Tells how long ago it could not be opened.</param>
/// <param name="open">Opens it, and looks through all pages when it is told to.</param>
internal sealed class SampleFile(string path, TimeProvider time, Func<bool, SampleSession> open) : IDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    // Looking for damage reads the whole file.
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private SampleSession? _session;
    private SampleStoreException? _failure;
    private long _failed;
    private bool _suspect, _unwritable, _disposed;

    /// <summary>Uses the file alone.</summary>
    /// <exception cref="SampleStoreException">The file cannot be opened, or the work failed; the next use tries again.</exception>
    public T Use<T>(Func<SampleSession, T> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteSampleStore));
            var session = Opened();
            try
            {
                // Reading would go well all along, and with it the fault would seem to be over.
                if (_unwritable)
                    SampleDatabase.TryToWrite(session.Connection);
                _unwritable = false;
                return work(session);
            }
            catch (SqliteException fault)
            {
                var failure = SampleStoreFaults.Describe(path, fault);
                _suspect |= failure.Problem == SampleStoreProblem.Damaged;
                _unwritable |= failure.Problem is SampleStoreProblem.DiskFull or SampleStoreProblem.NotWritable;
                if (SampleStoreFaults.EndsConnection(failure.Problem))
                    Close();
                throw failure;
            }
        }
    }

    /// <summary>Closes the file, which the next use opens again.</summary>
    public void Reopen()
    {
        lock (_lock)
            Close();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Close();
        }
    }

    private SampleSession Opened()
    {
        // On Linux a removed file can still be written, and what is written is gone when it is closed.
        if (_session is not null && !File.Exists(path))
        {
            Close();
            throw new SampleStoreException(
                SampleStoreProblem.Gone,
                $"{path}: The file was removed while the store was open, and the samples in it with it. The next use starts a new one; put the file back before if there is a copy.");
        }

        if (_session is not null)
            return _session;
        // Elapsed time, as the clock may be set back meanwhile.
        if (_failure is { } last && time.GetElapsedTime(_failed) < (_suspect ? BetweenChecks : BetweenTries))
            throw new SampleStoreException(last.Problem, last.Message, last);
        try
        {
            _session = Open();
            _failure = null;
            return _session;
        }
        catch (SampleStoreException failure)
        {
            _failure = failure;
            _failed = time.GetTimestamp();
            throw;
        }
    }

    private SampleSession Open()
    {
        try
        {
            // What is added to a damaged file may not be found again, so nothing is acknowledged before it was looked through.
            var session = open(_suspect);
            _suspect = false;
            return session;
        }
        catch (SqliteException fault)
        {
            var failure = SampleStoreFaults.Describe(path, fault);
            _suspect |= failure.Problem == SampleStoreProblem.Damaged;
            throw failure;
        }
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }
}
