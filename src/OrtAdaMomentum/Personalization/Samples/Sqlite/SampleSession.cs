using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>The open file of a store, and what is known of it while it is open. For one thread at a time.</summary>
internal sealed class SampleSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private SqliteCommand? _row;

    /// <summary>Takes over an open database.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="vault">Turns samples into rows and back.</param>
    /// <param name="seed">Decides the draws of samples.</param>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public SampleSession(SqliteConnection connection, SampleVault vault, ulong seed = 0)
    {
        _connection = connection;
        Vault = vault;
        Seed = seed;
        Totals = SampleTotals.Of(connection);
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Turns samples into rows and back.</summary>
    public SampleVault Vault { get; set; }

    /// <summary>How new content is made smaller.</summary>
    public SampleCompression Compression { get; set; }

    /// <summary>Decides the draws of samples.</summary>
    public ulong Seed { get; }

    /// <summary>What the file holds; carried along, because counting takes longer the more there is.</summary>
    public SampleTotals Totals { get; set; }

    public void Dispose()
    {
        _row?.Dispose();
        _connection.Dispose();
        Vault.Dispose();
    }

    /// <summary>Does something in a transaction, which is on the disk when this returns, or not there at all.</summary>
    public T Commit<T>(Func<T> work)
    {
        var before = Totals;
        try
        {
            using var transaction = _connection.BeginTransaction();
            var result = work();
            transaction.Commit();
            return result;
        }
        catch
        {
            Totals = before;
            throw;
        }
    }

    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        SampleDatabase.Command(_connection, sql, parameters);

    public long Change(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The row of a sample, outside of transactions; null where there is none. Prepared once, as a run reads all its samples so.</summary>
    public SampleRow? Row(long id)
    {
        _row ??= Command($"SELECT {SampleRow.Columns} FROM samples WHERE samples.id = $id", ("$id", null));
        _row.Parameters["$id"].Value = id;
        using var rows = _row.ExecuteReader();
        return rows.Read() ? SampleRow.Read(rows) : null;
    }

    public long Number(string sql) => SampleDatabase.Number(_connection, sql);
}
