using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>Adds samples one after the other, with one prepared statement.</summary>
internal sealed class SampleInsert : IDisposable
{
    private readonly SampleSession _session;
    private readonly SqliteCommand _insert;

    public SampleInsert(SampleSession session, string table = "samples")
    {
        _session = session;
        _insert = session.Command(
            $"""
            INSERT INTO {table} (key, role, received, is_new, subject, source, state, class, draw, size, content, sealed_by, answered_by)
            VALUES ($key, $role, $received, $new, $subject, $source, $state, $class, $draw, $size, $content, $sealed, $answered) ON CONFLICT (key) DO NOTHING
            """,
            ("$key", null), ("$role", null), ("$received", null), ("$new", null), ("$subject", null), ("$source", null), ("$state", null),
            ("$class", null), ("$draw", null), ("$size", null), ("$content", null), ("$sealed", null), ("$answered", null));
    }

    public void Dispose() => _insert.Dispose();

    /// <summary>Adds a sample, and tells whether its key was new.</summary>
    public bool Run(StoredSample stored, long received, bool isNew)
    {
        var (sample, role) = stored;
        if (_session.Vault.IsChanging && SampleTable.Find(_session, sample.Key) is not null)
            return false;
        if (Stage(sample, SampleCodec.Write(sample, _session.Compression), role, received, isNew, stored.AnsweredBy) is not { } size)
            return false;
        var totals = _session.Totals;
        _session.Totals = new(totals.Count + 1, totals.Bytes + size, totals.Unlabelled + (sample.IsLabelled ? 0 : 1));
        return true;
    }

    /// <summary>Adds a sample with its encoded content, without counting it, and gives its size; null if its key was there.</summary>
    public long? Stage(Sample sample, byte[] content, SampleRole role, long received, bool isNew, string? answeredBy = null)
    {
        var vault = _session.Vault;
        var row = vault.Seal(SampleNames.Of(sample), role, content);
        Set("$key", row.Names.Key);
        Set("$role", (long)role);
        Set("$received", received);
        Set("$new", isNew ? 1L : 0L);
        Set("$subject", (object?)row.Names.Subject ?? DBNull.Value);
        Set("$source", (object?)row.Names.Source ?? DBNull.Value);
        Set("$state", (long)(sample.IsLabelled ? SampleState.Usable : SampleState.Unlabelled));
        Set("$class", SampleTable.OrNull(vault.ClassOf(sample.Target)));
        Set("$draw", SampleDraw.Of(row.Names.Key, _session.Seed));
        Set("$size", (long)row.Content.Length);
        Set("$content", row.Content);
        Set("$sealed", SampleTable.OrNull(row.SealedBy));
        Set("$answered", (object?)answeredBy ?? DBNull.Value);
        return _insert.ExecuteNonQuery() == 0 ? null : row.Content.Length;
    }

    private void Set(string name, object value) => _insert.Parameters[name].Value = value;
}
