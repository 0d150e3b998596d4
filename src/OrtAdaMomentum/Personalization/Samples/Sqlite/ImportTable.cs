namespace OrtAdaMomentum.Personalization;

/// <summary>Samples of an archive that is being read, kept apart until all of it was seen.</summary>
internal static class ImportTable
{
    private const string Columns = "key, role, received, is_new, subject, source, state, class, draw, size, content, sealed_by";

    /// <summary>Keeps some more, within a transaction, and gives how many have a key of their own.</summary>
    public static int Stage(SampleSession session, IReadOnlyList<(ArchivedSample Archived, Sample Sample)> samples, DateTimeOffset now)
    {
        using var insert = new SampleInsert(session, "imported");
        int kept = 0;
        foreach (var (archived, sample) in samples)
        {
            long received = Math.Min(archived.Received, now.ToUnixTimeMilliseconds());
            if (insert.Stage(sample, archived.Content, archived.Role, received, archived.IsNew && sample.IsLabelled) is not null)
                kept++;
        }

        return kept;
    }

    /// <summary>Adds all that was kept and whose key is not there yet, within a transaction, and gives how many they were.</summary>
    /// <exception cref="SampleStoreException">Not all is there any more, because the file had to be opened anew.</exception>
    public static long Take(SampleSession session, long kept)
    {
        if (session.Number("SELECT count(*) FROM imported") != kept)
            throw new SampleStoreException("The store failed while the archive was read, and nothing of it was added. Import it again.");
        const string seen = "UPDATE stream SET seen = seen + (SELECT count(*) FROM imported WHERE role = stream.role AND state = 0 AND key NOT IN (SELECT key FROM samples))";
        session.Change(seen);
        long added = session.Change($"INSERT INTO samples ({Columns}) SELECT {Columns} FROM imported WHERE true ORDER BY id ON CONFLICT (key) DO NOTHING");
        Clear(session);
        session.Totals = SampleTotals.Of(session.Connection);
        return added;
    }

    /// <summary>Gives up what was kept, within a transaction.</summary>
    public static bool Clear(SampleSession session) =>
        session.Number("SELECT EXISTS (SELECT 1 FROM imported)") == 1 && session.Change("DELETE FROM imported") > 0;
}
