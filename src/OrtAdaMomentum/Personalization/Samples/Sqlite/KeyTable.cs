using System.Security.Cryptography;

namespace OrtAdaMomentum.Personalization;

/// <summary>Which keys the rows of a file are encrypted with, and the change from one to the next.</summary>
internal static class KeyTable
{
    /// <summary>Rows that are encrypted anew in one transaction.</summary>
    private const int Batch = 128;

    private sealed record Entry(long Number, string Id, byte[]? Wrapped);

    /// <summary>Fits a vault to what is in the file, within a transaction.</summary>
    /// <param name="session">The open file.</param>
    /// <param name="key">The key that is there; null for none. The vault takes it over.</param>
    /// <param name="path">Names the file in errors.</param>
    /// <param name="source">Names the key in errors.</param>
    /// <exception cref="SampleStoreException">It is not the key that rows are encrypted with. Nothing was changed.</exception>
    public static SampleVault Attach(SampleSession session, SampleKey? key, string path, string? source)
    {
        var entries = Read(session);
        if (entries.Count == 0 && FirstSealed(session) is { } row)
        {
            // A file that was salvaged may have lost what its keys are called.
            string id = key is not null && Opens(key, row) ? key.Id : "?";
            session.Change("INSERT INTO keys (number, id) VALUES ($number, $id)", ("$number", row.SealedBy), ("$id", id));
            entries = Read(session);
        }

        if (entries.Count == 0)
            return key is null ? new SampleVault(key: null, number: null) : Begin(session, key);
        var current = entries[^1];
        if (key is null)
            throw Refusal($"the samples are encrypted with the key {current.Id}, and no key is given. Set Encryption to where the key is");
        if (current.Id != key.Id)
        {
            throw entries.Exists(entry => entry.Id == key.Id)
                ? Refusal($"a change from the key {key.Id} ({source}) to {current.Id} has begun. Set Encryption to where the new key is")
                : Refusal($"the samples are encrypted with the key {current.Id}, but {source} has {key.Id}. Bring the right key back");
        }

        if (!IsChanging(session, current.Number))
            return new SampleVault(key, current.Number);
        var former = entries.Count > 1 ? entries[^2] : null;
        try
        {
            return new SampleVault(key, current.Number, former is null ? null : key.Unwrap(former.Wrapped!, former.Id), former?.Number);
        }
        catch (CryptographicException damage)
        {
            throw new SampleStoreException(SampleStoreProblem.Damaged, $"{path}: the key that samples were encrypted with before is damaged: {damage.Message}", damage);
        }

        SampleStoreException Refusal(string problem) =>
            new(SampleStoreProblem.Key, $"{path}: {problem}. No sample is lost; they are read again when the key is there.");
    }

    /// <summary>Begins to encrypt with another key, within a transaction.</summary>
    public static SampleVault Begin(SampleSession session, SampleKey key)
    {
        var (former, number) = (session.Vault.Key, session.Vault.Number);
        // Only for the new key: who has the former one and a copy of the file must not get at what comes from now on.
        if (former is not null)
            session.Change("UPDATE keys SET wrapped = $wrapped WHERE number = $number", ("$wrapped", former.WrapFor(key)), ("$number", number));
        session.Change("INSERT INTO keys (id) VALUES ($id)", ("$id", key.Id));
        long next = session.Number("SELECT max(number) FROM keys");
        return session.Totals.Count > 0 ? new SampleVault(key, next, former, number) : new SampleVault(key, next);
    }

    /// <summary>Encrypts some more rows anew, within a transaction, and gives whether there were any.</summary>
    public static bool Continue(SampleSession session)
    {
        var rows = new List<(long Id, SampleRow Row)>();
        using (var select = session.Command(
            $"SELECT {SampleRow.Columns} FROM samples WHERE sealed_by IS NOT $current LIMIT {Batch}", ("$current", session.Vault.Number)))
        {
            using var reader = select.ExecuteReader();
            while (reader.Read())
                rows.Add((reader.GetInt64(0), SampleRow.Read(reader)));
        }

        long more = 0;
        foreach (var (id, row) in rows)
            more += Renew(session, id, row);
        session.Totals = session.Totals with { Bytes = session.Totals.Bytes + more };
        return rows.Count > 0;
    }

    /// <summary>Forgets the keys of before, when no row is encrypted with them any more, within a transaction.</summary>
    public static bool End(SampleSession session) =>
        session.Change("DELETE FROM keys WHERE number <> $current", ("$current", session.Vault.Number)) > 0;

    /// <summary>Encrypts a row anew, and gives how many bytes it has more than before.</summary>
    private static long Renew(SampleSession session, long id, SampleRow row)
    {
        try
        {
            var (names, content) = session.Vault.Open(row);
            var renewed = session.Vault.Seal(names, row.Role, content);
            SampleTable.Write(session, id, renewed, TargetOf(content, names));
            return renewed.Content.Length - row.Content.Length;
        }
        catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
        {
            // It cannot be opened with any key, so nothing is lost that was not before.
            session.Change("UPDATE samples SET state = 2, is_new = 0, sealed_by = $current WHERE id = $id", ("$current", session.Vault.Number), ("$id", id));
            return 0;
        }
    }

    private static SampleTensor? TargetOf(byte[] content, SampleNames names)
    {
        try
        {
            return SampleCodec.Read(content, names).Target;
        }
        catch (SampleStoreException)
        {
            // Content that is damaged is encrypted as it is.
            return null;
        }
    }

    private static SampleRow? FirstSealed(SampleSession session)
    {
        using var command = session.Command($"SELECT {SampleRow.Columns} FROM samples WHERE sealed_by IS NOT NULL ORDER BY sealed_by DESC LIMIT 1");
        using var rows = command.ExecuteReader();
        return rows.Read() ? SampleRow.Read(rows) : null;
    }

    private static bool Opens(SampleKey key, SampleRow row)
    {
        try
        {
            _ = new SampleVault(key, row.SealedBy).Open(row);
            return true;
        }
        catch (SampleStoreException)
        {
            return false;
        }
    }

    private static bool IsChanging(SampleSession session, long current)
    {
        using var command = session.Command("SELECT EXISTS (SELECT 1 FROM samples WHERE sealed_by IS NOT $current)", ("$current", current));
        return command.ExecuteScalar() is 1L;
    }

    private static List<Entry> Read(SampleSession session)
    {
        using var command = session.Command("SELECT number, id, wrapped FROM keys ORDER BY number");
        using var rows = command.ExecuteReader();
        var entries = new List<Entry>();
        while (rows.Read())
            entries.Add(new Entry(rows.GetInt64(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetFieldValue<byte[]>(2)));
        return entries;
    }
}
