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
    private readonly TimeProvider _time;
    private readonly SampleOpening _opening;
    private readonly SampleTransfer _transfer;
    private readonly SnapshotReader _snapshots;

    // One import or change of the key at a time: what is kept of an import is encrypted with one key.
    private readonly SemaphoreSlim _long = new(1);
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
    internal SqliteSampleStore(string path, SampleLimits limits, TimeProvider? time, Action<SqliteConnection>? opened, ulong seed = 0, SnapshotMemory? memory = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(limits);
        _time = time ?? TimeProvider.System;
        _opening = new SampleOpening(path, opened, seed);
        _file = new SampleFile(path, _time, isSuspect => _opening.Open(Encryption, isSuspect));
        _transfer = new SampleTransfer(_file, _time);
        _snapshots = new SnapshotReader(_file, memory ?? SnapshotMemory.Default);
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
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken = default) => Commit(SampleTable.Count, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken = default) =>
        Commit(SampleTable.CountBySource, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_snapshots.Take(selection));
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_snapshots.Find(id));
    }

    /// <inheritdoc/>
    public ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Release(session => SnapshotTable.Release(session, id, used), released => released == id, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken) =>
        Release(session => SnapshotTable.ReleaseOthers(session, id), released => released != id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CorrectedSample?> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(target);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_file.Use(session =>
        {
            session.Compression = Compression;
            var corrected = session.Commit(() => SampleTable.Correct(session, key, target));
            if (corrected is { Former: { } former })
                _snapshots.Changed(corrected.Value.Id, former);
            return corrected?.Corrected;
        }));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Deleted content is overwritten in the file (<c>secure_delete</c>), and the write-ahead log, which may still hold it, is emptied.
    /// </remarks>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        var forgotten = Commit(session => SampleTable.Forget(session, subject), cancellationToken);
        _file.Use(_opening.EmptyLog);
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
    public async Task RotateKeyAsync(ISampleKeySource next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(next);
        await _long.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(() => Rotate(next, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _long.Release();
        }
    }

    /// <summary>
    /// Writes all samples to an archive, which holds them as they are, not encrypted: labels, subjects, sources, roles, and when they came. The store
    /// is used meanwhile; samples that come after the call are not part of it.
    /// </summary>
    /// <param name="destination">Where to write; need not be able to go back. It stays open.</param>
    /// <param name="cancellationToken">Ends the call; what was written is then refused as cut.</param>
    /// <exception cref="SampleStoreException">The samples cannot be read.</exception>
    public Task<SampleExportResult> ExportAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Task.Run(() => _transfer.ExportAsync(destination, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Adds the samples of an archive, all together when all of it was seen to be sound, or none. Samples whose key is stored already stay as they
    /// are, so importing twice does no harm. The store is used meanwhile.
    /// </summary>
    /// <param name="source">The archive; need not be able to go back. It stays open.</param>
    /// <param name="options">What it may have; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the call; nothing is added then.</param>
    /// <exception cref="SampleArchiveException">It is no archive, cut, altered, has more than is allowed, or a sample was refused.</exception>
    /// <exception cref="SampleStoreException">The samples cannot be written.</exception>
    public async Task<SampleImportResult> ImportAsync(Stream source, SampleImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new SampleImportOptions();
        options.Validate();
        await _long.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => _transfer.ImportAsync(source, options, Limit, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _long.Release();
        }
    }

    /// <summary>Lets go of the file, which the next use opens again.</summary>
    internal void Reopen() => _file.Reopen();

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _long.Dispose();
    }

    private void Rotate(ISampleKeySource next, CancellationToken cancellationToken)
    {
        var key = SampleKey.Of(next);
        bool isOther = _file.Use(session =>
        {
            if (session.Vault.Key?.Id == key.Id)
                return false;
            // One change after the other: a row is encrypted with the former key or with the next one.
            _opening.EndKeyChange(session);
            session.Vault = session.Commit(() => KeyTable.Begin(session, key));
            Volatile.Write(ref _keySource, next);
            return true;
        });
        if (!isOther)
            key.Dispose();
        do
            cancellationToken.ThrowIfCancellationRequested();
        while (_file.Use(_opening.ContinueKeyChange));
    }

    private void Limit(SampleSession session) => SampleRetention.Apply(session, Limits, _time.GetUtcNow());

    private ValueTask Release(Action<SampleSession> work, Func<string, bool> isReleased, CancellationToken cancellationToken)
    {
        var released = Commit(
            session =>
            {
                work(session);
                _snapshots.Released(isReleased);
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
