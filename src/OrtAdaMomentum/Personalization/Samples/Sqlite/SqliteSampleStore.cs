using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Keeps samples in a SQLite file. A sample is on the disk when <see cref="AddAsync"/> completes, and samples and snapshots are there again
/// after the process or the machine went down.
/// </summary>
/// <remarks>
/// The file is opened when it is first needed. Whatever stops it from being used is a <see cref="SampleStoreException"/> of the call that needed it;
/// a later call tries again, so that the store works again when the cause is gone. A damaged file is never deleted or written over.
/// </remarks>
public sealed class SqliteSampleStore : ISampleStore, IDisposable
{
    private readonly SampleFile _file;
    private readonly string _path;
    private readonly TimeProvider _time;

    /// <summary>A store in a file, which need not be there yet and is not opened before it is needed.</summary>
    /// <param name="path">The file; SQLite keeps two more beside it while the store is open.</param>
    /// <param name="limits">How much is kept.</param>
    /// <param name="time">Tells when a sample came in; null takes the system's clock.</param>
    public SqliteSampleStore(string path, SampleLimits limits, TimeProvider? time = null)
        : this(path, limits, time, opened: null)
    {
    }

    /// <summary>The same with something done to each connection that is opened, so that tests can make it fail.</summary>
    internal SqliteSampleStore(string path, SampleLimits limits, TimeProvider? time, Action<SqliteConnection>? opened, ulong seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(limits);
        _path = path;
        Limits = limits;
        _time = time ?? TimeProvider.System;
        _file = new SampleFile(
            path,
            _time,
            connection =>
            {
                opened?.Invoke(connection);
                return new SampleSession(connection, seed);
            });
    }

    /// <summary>How much is kept. What is over a limit that was changed goes when samples come in next.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public SampleLimits Limits
    {
        get => Volatile.Read(ref field);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate();
            Volatile.Write(ref field, value);
        }
    }

    /// <summary>
    /// Copies every sample that can still be read from a damaged file into a new one, which can then take its place. The damaged file is only
    /// read; no store may have it open.
    /// </summary>
    /// <param name="damagedPath">The damaged file; its log (<c>-wal</c>) is read too if it lies beside it.</param>
    /// <param name="newPath">The file to write; must not be there yet.</param>
    /// <param name="cancellationToken">Ends the call; what was written of the new file is removed.</param>
    /// <returns>How many samples were copied, and how many were not.</returns>
    /// <exception cref="SampleStoreException">Nothing can be read, or the new file cannot be written.</exception>
    /// <exception cref="IOException">There is a file at <paramref name="newPath"/>.</exception>
    public static Task<SalvageResult> SalvageAsync(string damagedPath, string newPath, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(damagedPath);
        ArgumentException.ThrowIfNullOrEmpty(newPath);
        return Task.Run(() => SampleSalvage.Copy(damagedPath, newPath, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="SampleStoreException">The samples could not be written; none of them is stored.</exception>
    public ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Commit(
            session =>
            {
                int added = SampleTable.Add(session, samples, _time.GetUtcNow());
                Limit(session);
                return added;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken) => Commit(SampleTable.Count, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken) =>
        Commit(SampleTable.CountBySource, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        return Commit(session => SnapshotTable.Take(session, selection), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Commit(session => SnapshotTable.Find(session, id), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Release(session => SnapshotTable.Release(session, id, used), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken) =>
        Release(session => SnapshotTable.ReleaseOthers(session, id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(target);
        return Commit(session => SampleTable.Correct(session, key, target), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Deleted content is overwritten in the file (<c>secure_delete</c>), and the write-ahead log, which may still hold it, is emptied.
    /// </remarks>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        var forgotten = Commit(session => SampleTable.Forget(session, subject), cancellationToken);
        _file.Use(EmptyLog);
        return forgotten;
    }

    /// <summary>Lets go of the file, which the next use opens again.</summary>
    internal void Reopen() => _file.Reopen();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private bool EmptyLog(SampleSession session) => session.Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        ? true
        : throw new SampleStoreException(
            SampleStoreProblem.Busy, $"{_path}: another program reads the store, so that its log cannot be emptied. Forget the subject again when it has ended.");

    private void Limit(SampleSession session) => SampleRetention.Apply(session, Limits, _time.GetUtcNow());

    private ValueTask Release(Action<SampleSession> work, CancellationToken cancellationToken)
    {
        var released = Commit(
            session =>
            {
                work(session);
                // What the snapshots held beyond the store's capacity can go now.
                Limit(session);
                return true;
            },
            cancellationToken);
        return released.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(released.AsTask());
    }

    private ValueTask<T> Commit<T>(Func<SampleSession, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_file.Use(session => session.Commit(() => work(session))));
    }
}
