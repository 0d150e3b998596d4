using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The file of the sample store: opened so that what is committed is on the disk (write-ahead log, synchronous FULL), and brought to the
/// newest version of its tables.
/// </summary>
internal static class SampleDatabase
{
    private const int BusySeconds = 30;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="SampleStoreException">The file is no database, another program's, damaged, or of a newer version.</exception>
    public static SqliteConnection Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                DefaultTimeout = BusySeconds,
                // A pooled connection would keep the file open after the store is closed.
                Pooling = false,
            }.ToString());
            connection.Open();
            CheckOwner(connection, path);
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
            Migrate(connection, path);
            return connection;
        }
        catch (Exception problem) when (problem is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw SampleStoreFaults.Describe(path, problem);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file of which not all can be read, to read it only.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="SampleStoreException">It is another program's, or nothing of it can be read.</exception>
    public static SqliteConnection OpenDamaged(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            DefaultTimeout = BusySeconds,
            Pooling = false,
            Mode = SqliteOpenMode.ReadOnly,
        }.ToString());
        try
        {
            connection.Open();
            CheckOwner(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A command, in the transaction that the connection is in; parameters without a value get one before it runs.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.Add(new SqliteParameter(name, value));
        return command;
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Looks through all pages.</summary>
    /// <exception cref="SampleStoreException">Some are damaged.</exception>
    public static void CheckPages(SqliteConnection connection, string path)
    {
        using var command = Command(connection, "PRAGMA quick_check(1)");
        if (command.ExecuteScalar() is string finding and not "ok")
            throw SampleStoreFaults.Describe(path, new SqliteException(finding, SampleStoreFaults.Corrupt));
    }

    /// <summary>Writes what is there already, so that a fault of writing is seen.</summary>
    /// <exception cref="SqliteException">It cannot be written.</exception>
    public static void TryToWrite(SqliteConnection connection) =>
        Execute(connection, $"PRAGMA application_id = {SampleDatabaseSchema.ApplicationId}");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static void CheckOwner(SqliteConnection connection, string path)
    {
        long owner = Number(connection, "PRAGMA application_id");
        bool isEmpty = Number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (owner != SampleDatabaseSchema.ApplicationId && !(owner == 0 && isEmpty))
            throw new SampleStoreException(SampleStoreProblem.Foreign, $"{path}: this is a database, but not one of samples. Move it away or name another folder.");
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        int newest = SampleDatabaseSchema.Steps.Count;
        long version = Number(connection, "PRAGMA user_version");
        if (version > newest)
        {
            throw new SampleStoreException(
                SampleStoreProblem.NewerVersion, $"{path}: the tables have version {version}; this program knows up to {newest}. Use the newer program that wrote them.");
        }

        for (; version < newest; version++)
        {
            // A step and its number are one transaction: a crash leaves the version before.
            using var transaction = connection.BeginTransaction();
            var step = SampleDatabaseSchema.Steps[(int)version];
            Execute(connection, step.Sql);
            step.Fill?.Invoke(connection);
            Execute(connection, $"PRAGMA application_id = {SampleDatabaseSchema.ApplicationId}; PRAGMA user_version = {version + 1};");
            transaction.Commit();
        }
    }
}
