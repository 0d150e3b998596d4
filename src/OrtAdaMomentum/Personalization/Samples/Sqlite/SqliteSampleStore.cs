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
    private readonly Action<SqliteConnection>? _opened;
    private readonly ulong _seed;
    private ISampleKeySource? _keySource;

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
        _time = time ?? TimeProvider.System;
        _opened = opened;
        _seed = seed;
        _file = new SampleFile(path, _time, Open);
        Limits = limits;
    }

    /// <summary>
    /// Where the key is that samples are encrypted with; null if they are not encrypted. Samples that were stored before without encryption are
    /// encrypted when the file is opened next.
    /// </summary>
    public ISampleKeySource? Encryption
    {
        get => Volatile.Read(ref _keySource);
        init => _keySource = value;
    }

    /// <summary>How the content of samples that come from now on is made smaller. Default: not at all.</summary>
    public SampleCompression Compression { get; set; }

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

    /// <summary>
    /// Encrypts all samples anew with another key, or for the first time, some at a time, while the store is used. From then on
    /// <see cref="Encryption"/> is the new key. When this was interrupted, calling it again or opening the store with the new key ends it; with the
    /// former key the store cannot be opened any more.
    /// </summary>
    /// <param name="next">Where the new key is.</param>
    /// <param name="cancellationToken">Ends the call between some samples and the next.</param>
    /// <exception cref="SampleStoreException">A key is missing or another one, or the file cannot be written.</exception>
    public Task RotateKeyAsync(ISampleKeySource next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Task.Run(() => Rotate(next, cancellationToken), cancellationToken);
    }

    /// <summary>Lets go of the file, which the next use opens again.</summary>
    internal void Reopen() => _file.Reopen();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private SampleSession Open(bool isSuspect)
    {
        // Before the file, so that nothing is touched when the key is missing.
        var key = Encryption is { } source ? SampleKey.Of(source) : null;
        SqliteConnection? connection = null;
        try
        {
            connection = SampleDatabase.Open(_path);
            if (isSuspect)
                SampleDatabase.CheckPages(connection, _path);
            _opened?.Invoke(connection);
            var session = new SampleSession(connection, new SampleVault(key: null, number: null), _seed) { Compression = Compression };
            session.Vault = session.Commit(() => KeyTable.Attach(session, key, _path, Encryption?.Description));
            while (ChangeKey(session))
            {
                // Samples that are as they were before are not used, so that none stays so.
            }

            return session;
        }
        catch
        {
            connection?.Dispose();
            key?.Dispose();
            throw;
        }
    }

    private void Rotate(ISampleKeySource next, CancellationToken cancellationToken)
    {
        var key = SampleKey.Of(next);
        bool isOther = _file.Use(session =>
        {
            if (session.Vault.Key?.Id == key.Id)
                return false;
            while (ChangeKey(session))
            {
                // One change after the other: a row is encrypted with the former key or with the next one.
            }

            session.Vault = session.Commit(() => KeyTable.Begin(session, key));
            Volatile.Write(ref _keySource, next);
            return true;
        });
        if (!isOther)
            key.Dispose();
        do
            cancellationToken.ThrowIfCancellationRequested();
        while (_file.Use(ChangeKey));
    }

    /// <summary>Goes on with a change of the key, if there is one, and gives whether there is more to do.</summary>
    private bool ChangeKey(SampleSession session)
    {
        if (!session.Vault.IsChanging)
            return false;
        if (session.Commit(() => KeyTable.Continue(session)))
            return true;
        session.Vault = session.Commit(() => KeyTable.End(session));
        // It may still hold samples as they were before.
        EmptyLog(session);
        return false;
    }

    private bool EmptyLog(SampleSession session) => session.Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        ? true
        : throw new SampleStoreException(
            SampleStoreProblem.Busy, $"{_path}: another program reads the store, so that its log cannot be emptied. Try again when it has ended.");

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
        return ValueTask.FromResult(_file.Use(session =>
        {
            session.Compression = Compression;
            return session.Commit(() => work(session));
        }));
    }
}
