namespace OrtAdaMomentum.Personalization;

/// <summary>The stored samples, within a transaction.</summary>
internal static class SampleTable
{
    /// <summary>Stores those whose key is not there yet, and gives how many they were.</summary>
    public static int Add(SampleSession session, IReadOnlyList<StoredSample> samples, DateTimeOffset now)
    {
        using var insert = session.Command(
            "INSERT INTO samples (key, role, received, is_new, subject, size, content) VALUES ($key, $role, $received, 1, $subject, $size, $content) ON CONFLICT (key) DO NOTHING",
            ("$key", null), ("$role", null), ("$received", now.ToUnixTimeMilliseconds()), ("$subject", null), ("$size", null), ("$content", null));
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
            session.Totals = new(session.Totals.Count + 1, session.Totals.Bytes + content.Length);
        }

        return added;
    }

    public static SampleCounts Count(SampleSession session) =>
        new(
            (int)session.Number("SELECT count(*) FROM samples WHERE role = 0"),
            (int)session.Number("SELECT count(*) FROM samples WHERE role = 1"),
            (int)session.Number("SELECT count(*) FROM samples WHERE is_new = 1"));

    /// <summary>Gives a sample another target, and tells whether it is there.</summary>
    public static bool Correct(SampleSession session, string key, SampleTensor target)
    {
        using var find = session.Command("SELECT content FROM samples WHERE key = $key", ("$key", key));
        if (find.ExecuteScalar() is not byte[] before)
            return false;
        byte[] content = SampleCodec.Write(SampleCodec.Read(before, key, subject: null).WithTarget(target));
        const string change = "UPDATE samples SET content = $content, size = $size, is_new = 1 WHERE key = $key";
        session.Change(change, ("$content", content), ("$size", (long)content.Length), ("$key", key));
        session.Change("DELETE FROM snapshot_samples WHERE sample IN (SELECT id FROM samples WHERE key = $key)", ("$key", key));
        session.Totals = session.Totals with { Bytes = session.Totals.Bytes + content.Length - before.Length };
        return true;
    }

    /// <summary>Removes the samples of a subject, and gives how many they were.</summary>
    public static int Forget(SampleSession session, string subject)
    {
        int samples = (int)session.Change("DELETE FROM samples WHERE subject = $subject", ("$subject", subject));
        session.Totals = SampleRetention.Count(session.Connection);
        return samples;
    }
}
