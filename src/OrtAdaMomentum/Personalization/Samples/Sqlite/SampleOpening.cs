using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>Opens the file of a store with its key, so that all samples in it can be used.</summary>
/// <param name="path">The file.</param>
/// <param name="opened">Done to each connection; null for nothing.</param>
/// <param name="seed">Decides the draws of samples.</param>
internal sealed class SampleOpening(string path, Action<SqliteConnection>? opened, ulong seed)
{
    /// <param name="source">Where the key is; null for none.</param>
    /// <param name="isSuspect">Whether to look for damaged pages.</param>
    /// <exception cref="SampleStoreException">It cannot be used; nothing in it was changed.</exception>
    public SampleSession Open(ISampleKeySource? source, bool isSuspect)
    {
        // Before the file, so that nothing is touched when the key is missing.
        var key = source is null ? null : SampleKey.Of(source);
        SqliteConnection? connection = null;
        try
        {
            connection = SampleDatabase.Open(path);
            if (isSuspect)
                SampleDatabase.CheckPages(connection, path);
            opened?.Invoke(connection);
            var session = new SampleSession(connection, new SampleVault(key: null, number: null), seed);
            session.Vault = session.Commit(() =>
            {
                // What an import left that was interrupted.
                ImportTable.Clear(session);
                return KeyTable.Attach(session, key, path, source?.Description);
            });
            EndKeyChange(session);
            return session;
        }
        catch
        {
            connection?.Dispose();
            key?.Dispose();
            throw;
        }
    }

    /// <summary>Ends a change of the key, if there is one.</summary>
    public void EndKeyChange(SampleSession session)
    {
        while (ContinueKeyChange(session))
        {
            // Some samples at a time, each time durably, so that an interruption costs little.
        }
    }

    /// <summary>Goes on with a change of the key, if there is one, and gives whether there is more to do.</summary>
    public bool ContinueKeyChange(SampleSession session)
    {
        if (!session.Vault.IsChanging)
            return false;
        if (session.Commit(() => KeyTable.Continue(session)))
            return true;
        session.Commit(() => KeyTable.End(session));
        session.Vault = session.Vault.WithoutFormer();
        // It may still hold samples as they were before.
        EmptyLog(session);
        return false;
    }

    /// <summary>Empties the write-ahead log, which may hold what was removed from the file.</summary>
    /// <exception cref="SampleStoreException">Another program reads it.</exception>
    public bool EmptyLog(SampleSession session) => session.Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        ? true
        : throw new SampleStoreException(
            SampleStoreProblem.Busy, $"{path}: another program reads the store, so that its log cannot be emptied. Try again when it has ended.");
}
