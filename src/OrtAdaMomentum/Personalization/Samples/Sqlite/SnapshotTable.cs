namespace OrtAdaMomentum.Personalization;

/// <summary>The samples that runs have fixed, within a transaction.</summary>
internal static class SnapshotTable
{
    public static SampleSnapshot Take(SampleSession session)
    {
        string id = Guid.NewGuid().ToString("N");
        session.Change("INSERT INTO snapshots (id, samples) SELECT $id, count(*) FROM samples", ("$id", id));
        session.Change("INSERT INTO snapshot_samples (snapshot, sample, was_new) SELECT $id, id, is_new FROM samples", ("$id", id));
        session.Change("UPDATE samples SET is_new = 0 WHERE is_new = 1");
        return Read(session, id);
    }

    /// <summary>The snapshot as it was taken; null when one of its samples is not there any more.</summary>
    public static SampleSnapshot? Find(SampleSession session, string id)
    {
        const string missing = "SELECT samples - (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) FROM snapshots WHERE id = $id";
        using var command = session.Command(missing, ("$id", id));
        return command.ExecuteScalar() is 0L ? Read(session, id) : null;
    }

    public static void Release(SampleSession session, string id, bool used)
    {
        const string again = "UPDATE samples SET is_new = 1 WHERE id IN (SELECT sample FROM snapshot_samples WHERE snapshot = $id AND was_new = 1)";
        if (!used)
            session.Change(again, ("$id", id));
        session.Change("DELETE FROM snapshots WHERE id = $id", ("$id", id));
    }

    public static void ReleaseOthers(SampleSession session, string? id)
    {
        const string again =
            "UPDATE samples SET is_new = 1 WHERE is_new = 0 AND id IN (SELECT sample FROM snapshot_samples WHERE snapshot IS NOT $id AND was_new = 1)";
        session.Change(again, ("$id", (object?)id ?? DBNull.Value));
        session.Change("DELETE FROM snapshots WHERE id IS NOT $id", ("$id", (object?)id ?? DBNull.Value));
    }

    private static SampleSnapshot Read(SampleSession session, string id)
    {
        const string samples = "SELECT key, role, subject, content FROM snapshot_samples JOIN samples ON samples.id = sample WHERE snapshot = $id ORDER BY sample";
        using var command = session.Command(samples, ("$id", id));
        using var rows = command.ExecuteReader();
        List<Sample> training = [], heldOut = [];
        while (rows.Read())
        {
            var sample = SampleCodec.Read(rows.GetFieldValue<byte[]>(3), rows.GetString(0), rows.IsDBNull(2) ? null : rows.GetString(2));
            (rows.GetInt64(1) == (long)SampleRole.HeldOut ? heldOut : training).Add(sample);
        }

        return new SampleSnapshot(id, training, heldOut);
    }
}
