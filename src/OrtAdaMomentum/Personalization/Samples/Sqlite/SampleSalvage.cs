using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Copies what can still be read of a damaged file. A range of rows that cannot be read to its end is halved until what is lost is single rows, so that
/// a damaged page costs what is on it.
/// </summary>
internal sealed class SampleSalvage
{
    private readonly SqliteConnection _damaged;
    private readonly SampleSession _target;
    private readonly string _columns;
    private readonly SqliteCommand _insert;
    private readonly int _content, _size, _sealedBy;
    private long _copied, _spoilt, _unreadable;

    private SampleSalvage(SqliteConnection damaged, SampleSession target)
    {
        _damaged = damaged;
        _target = target;
        // A file of an older version has fewer columns.
        string[] names = [.. Columns(damaged).Intersect(Columns(target.Connection), StringComparer.Ordinal)];
        _columns = string.Join(", ", names);
        _content = Array.IndexOf(names, "content");
        _size = Array.IndexOf(names, "size");
        _sealedBy = Array.IndexOf(names, "sealed_by");
        _insert = target.Command($"INSERT OR IGNORE INTO samples ({_columns}) VALUES ({string.Join(", ", names.Select(static name => "$" + name))})");
        foreach (string name in names)
            _insert.Parameters.Add(new SqliteParameter("$" + name, null));
    }

    /// <inheritdoc cref="SqliteSampleStore.SalvageAsync"/>
    public static SalvageResult Copy(string damagedPath, string newPath, CancellationToken cancellationToken)
    {
        if (!File.Exists(damagedPath))
            throw new SampleStoreException(SampleStoreProblem.NotWritable, $"{damagedPath}: There is no such file.");
        if (File.Exists(newPath))
            throw new IOException($"{newPath}: There is such a file already. Name one that is not there.");
        bool complete = false;
        try
        {
            using var damaged = SampleDatabase.OpenDamaged(damagedPath);
            using var target = new SampleSession(SampleDatabase.Open(newPath), new SampleVault(key: null, number: null));
            var result = target.Commit(() => new SampleSalvage(damaged, target).Copy(damagedPath, cancellationToken));
            complete = true;
            return result;
        }
        catch (SqliteException fault)
        {
            throw SampleStoreFaults.Describe(damagedPath, fault);
        }
        finally
        {
            if (!complete)
                Array.ForEach(["", "-wal", "-shm"], end => File.Delete(newPath + end));
        }
    }

    private SalvageResult Copy(string path, CancellationToken cancellationToken)
    {
        using (_insert)
        {
            var ranges = new Stack<(long First, long Last)>([(1, LastPlace(path))]);
            while (ranges.TryPop(out var range))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long next = CopyUntilFault(range.First, range.Last);
                if (next > range.Last)
                    continue;
                if (next == range.Last)
                {
                    _unreadable++;
                    continue;
                }

                long middle = next + ((range.Last - next) / 2);
                ranges.Push((middle + 1, range.Last));
                ranges.Push((next, middle));
            }
        }

        MarkNew();
        CopyKeys();
        // A file of an older version has no draws and classes.
        if (_sealedBy < 0)
            SampleFill.Run(_target.Connection);
        return new SalvageResult(_copied, _spoilt, _unreadable);
    }

    /// <summary>Copies rows in order, and gives the first place that was not reached because of a fault, or one behind the last.</summary>
    private long CopyUntilFault(long first, long last)
    {
        long next = first;
        try
        {
            using var select = SampleDatabase.Command(
                _damaged, $"SELECT id, {_columns} FROM samples WHERE id BETWEEN $first AND $last ORDER BY id", ("$first", first), ("$last", last));
            using var rows = select.ExecuteReader();
            while (rows.Read())
            {
                long id = rows.GetInt64(0);
                object[] values = new object[_insert.Parameters.Count];
                for (int column = 0; column < values.Length; column++)
                    values[column] = rows.GetValue(column + 1);
                next = id + 1;
                CopyRow(values);
            }

            return last + 1;
        }
        catch (SqliteException fault) when (IsOfSource(fault))
        {
            return next;
        }
    }

    private void CopyRow(object[] values)
    {
        // What is encrypted is checked by whoever has the key.
        bool isSealed = _sealedBy >= 0 && values[_sealedBy] is long;
        if (values[_content] is not byte[] content || values[_size] is not long size || size != content.Length || !(isSealed || SampleCodec.IsReadable(content)))
        {
            _spoilt++;
            return;
        }

        for (int column = 0; column < values.Length; column++)
            _insert.Parameters[column].Value = values[column];
        try
        {
            _copied += _insert.ExecuteNonQuery();
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == SampleStoreFaults.Constraint)
        {
            _spoilt++;
        }
    }

    /// <summary>Samples that an interrupted run holds were new before it; the run itself does not go on, as it has lost some of them.</summary>
    private void MarkNew()
    {
        try
        {
            using var select = SampleDatabase.Command(_damaged, "SELECT sample FROM snapshot_samples WHERE was_new = 1");
            using var rows = select.ExecuteReader();
            while (rows.Read())
                _target.Change("UPDATE samples SET is_new = 1 WHERE id = $id", ("$id", rows.GetInt64(0)));
        }
        catch (SqliteException fault) when (IsOfSource(fault))
        {
            // They count as used then, which only delays the next run.
        }
    }

    /// <summary>The ids of the keys.</summary>
    private void CopyKeys()
    {
        if (_sealedBy < 0)
            return;
        try
        {
            using var select = SampleDatabase.Command(_damaged, "SELECT number, id, wrapped FROM keys");
            using var rows = select.ExecuteReader();
            while (rows.Read())
            {
                _target.Change(
                    "INSERT INTO keys (number, id, wrapped) VALUES ($number, $id, $wrapped)",
                    ("$number", rows.GetInt64(0)), ("$id", rows.GetString(1)), ("$wrapped", rows.GetValue(2)));
            }
        }
        catch (SqliteException fault) when (IsOfSource(fault))
        {
            // Whoever has the key is known by what it opens.
        }
    }

    private long LastPlace(string path)
    {
        foreach (string sql in new[] { "SELECT seq FROM sqlite_sequence WHERE name = 'samples'", "SELECT max(id) FROM samples" })
        {
            try
            {
                using var command = SampleDatabase.Command(_damaged, sql);
                if (command.ExecuteScalar() is long last)
                    return last;
            }
            catch (SqliteException fault) when (IsOfSource(fault))
            {
                // The other way may still be open.
            }
        }

        throw new SampleStoreException(SampleStoreProblem.Damaged, $"{path}: The damage is where the file says what is in it; no sample can be read.");
    }

    private static bool IsOfSource(SqliteException fault) =>
        SampleStoreFaults.ProblemOf(fault) is SampleStoreProblem.Damaged || fault.SqliteErrorCode == SampleStoreFaults.InputOutput;

    private static List<string> Columns(SqliteConnection connection)
    {
        using var command = SampleDatabase.Command(connection, "SELECT name FROM pragma_table_info('samples')");
        using var rows = command.ExecuteReader();
        var names = new List<string>();
        while (rows.Read())
            names.Add(rows.GetString(0));
        return names;
    }
}
