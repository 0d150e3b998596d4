using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Keeps samples in a SQLite file. A sample is on the disk when <see cref="AddAsync"/> completes, and samples and snapshots are there again
/// after the process or the machine went down.
/// </summary>
public sealed class SqliteSampleStore : ISampleStore, IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly SampleLimits _limits;
    private readonly TimeProvider _time;
    private SampleRetention.Totals _totals;

    /// <summary>Opens the store, or creates it.</summary>
    /// <param name="path">The file; SQLite keeps two more beside it while the store is open.</param>
    /// <param name="limits">How much is kept.</param>
    /// <param name="time">Tells when a sample came in; null takes the system's clock.</param>
    /// <exception cref="SampleStoreException">The file cannot be used; the message says why.</exception>
    public SqliteSampleStore(string path, SampleLimits limits, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate();
        _path = path;
        _limits = limits;
        _time = time ?? TimeProvider.System;
        _connection = SampleDatabase.Open(path);
        try
        {
            _totals = SampleRetention.Count(_connection);
        }
        catch (SqliteException problem)
        {
            _connection.Dispose();
            throw new SampleStoreException($"{path}: the samples cannot be read: {problem.Message}", problem);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SampleStoreException">The samples could not be written; none of them is stored.</exception>
    public ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Use(() =>
        {
            using var insert = Command(
                "INSERT INTO samples (key, role, received, is_new, subject, size, content) VALUES ($key, $role, $received, 1, $subject, $size, $content) ON CONFLICT (key) DO NOTHING",
                ("$key", null), ("$role", null), ("$received", _time.GetUtcNow().ToUnixTimeMilliseconds()), ("$subject", null), ("$size", null), ("$content", null));
            int added = 0;
            foreach (var (sample, role) in samples)
            {
                insert.Parameters["$key"].Value = sample.Key;
                insert.Parameters["$role"].Value = (long)role;
                insert.Parameters["$subject"].Value = (object?)sample.Subject ?? DBNull.Value;
                byte[] content = SampleCodec.Write(sample);
                insert.Parameters["$size"].Value = (long)content.Length;
                insert.Parameters["$content"].Value = content;
                if (insert.ExecuteNonQuery() == 0)
                    continue;
                added++;
                _totals = new(_totals.Count + 1, _totals.Bytes + content.Length);
            }

            Limit();
            return added;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken) =>
        Use(
            () => new SampleCounts(
                (int)Scalar("SELECT count(*) FROM samples WHERE role = 0"),
                (int)Scalar("SELECT count(*) FROM samples WHERE role = 1"),
                (int)Scalar("SELECT count(*) FROM samples WHERE is_new = 1")),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) =>
        Use(
            () =>
            {
                string id = Guid.NewGuid().ToString("N");
                Change("INSERT INTO snapshots (id, samples) SELECT $id, count(*) FROM samples", ("$id", id));
                Change("INSERT INTO snapshot_samples (snapshot, sample, was_new) SELECT $id, id, is_new FROM samples", ("$id", id));
                Change("UPDATE samples SET is_new = 0 WHERE is_new = 1");
                return Read(id);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Use(
            () =>
            {
                const string missing =
                    "SELECT samples - (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) FROM snapshots WHERE id = $id";
                using var command = Command(missing, ("$id", id));
                return command.ExecuteScalar() is 0L ? Read(id) : null;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        var released = Use(
            () =>
            {
                const string again = "UPDATE samples SET is_new = 1 WHERE id IN (SELECT sample FROM snapshot_samples WHERE snapshot = $id AND was_new = 1)";
                if (!used)
                    Change(again, ("$id", id));
                Change("DELETE FROM snapshots WHERE id = $id", ("$id", id));
                // What the snapshot held beyond the store's capacity can go now.
                Limit();
                return true;
            },
            cancellationToken);
        return released.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(released.AsTask());
    }

    /// <inheritdoc/>
    public ValueTask<bool> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(target);
        return Use(
            () =>
            {
                using var find = Command("SELECT content FROM samples WHERE key = $key", ("$key", key));
                if (find.ExecuteScalar() is not byte[] before)
                    return false;
                byte[] content = SampleCodec.Write(SampleCodec.Read(before, key, subject: null).WithTarget(target));
                const string change = "UPDATE samples SET content = $content, size = $size, is_new = 1 WHERE key = $key";
                Change(change, ("$content", content), ("$size", (long)content.Length), ("$key", key));
                Change("DELETE FROM snapshot_samples WHERE sample IN (SELECT id FROM samples WHERE key = $key)", ("$key", key));
                _totals = _totals with { Bytes = _totals.Bytes + content.Length - before.Length };
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Deleted content is overwritten in the file (<c>secure_delete</c>), and the write-ahead log, which may still hold it, is emptied.
    /// </remarks>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        var forgotten = Use(
            () =>
            {
                int samples = (int)Change("DELETE FROM samples WHERE subject = $subject", ("$subject", subject));
                _totals = SampleRetention.Count(_connection);
                return samples;
            },
            cancellationToken);
        EmptyLog();
        return forgotten;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
            _connection.Dispose();
    }

    private bool EmptyLog() => Locked(() => SampleDatabase.Number(_connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0
        ? true
        : throw new SampleStoreException($"{_path}: another program reads the store, so that its log cannot be emptied. Forget the subject again when it has ended."));

    private void Limit() => _totals = SampleRetention.Apply(_connection, _limits, _totals, _time.GetUtcNow());

    private SampleSnapshot Read(string id)
    {
        const string samples = "SELECT key, role, subject, content FROM snapshot_samples JOIN samples ON samples.id = sample WHERE snapshot = $id ORDER BY sample";
        using var command = Command(samples, ("$id", id));
        using var rows = command.ExecuteReader();
        List<Sample> training = [], heldOut = [];
        while (rows.Read())
        {
            var sample = SampleCodec.Read(rows.GetFieldValue<byte[]>(3), rows.GetString(0), rows.IsDBNull(2) ? null : rows.GetString(2));
            (rows.GetInt64(1) == (long)SampleRole.HeldOut ? heldOut : training).Add(sample);
        }

        return new SampleSnapshot(id, training, heldOut);
    }

    /// <summary>Does something in a transaction, which is on the disk when this returns, or not there at all.</summary>
    private ValueTask<T> Use<T>(Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Locked(() =>
        {
            var before = _totals;
            try
            {
                using var transaction = _connection.BeginTransaction();
                var result = work();
                transaction.Commit();
                return result;
            }
            catch
            {
                _totals = before;
                throw;
            }
        }));
    }

    /// <summary>Uses the connection alone, and names the file in what goes wrong.</summary>
    private T Locked<T>(Func<T> work)
    {
        try
        {
            lock (_lock)
                return work();
        }
        catch (SqliteException problem)
        {
            throw new SampleStoreException($"{_path}: {problem.Message}", problem);
        }
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        SampleDatabase.Command(_connection, sql, parameters);

    private long Change(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    private long Scalar(string sql) => SampleDatabase.Number(_connection, sql);
}
