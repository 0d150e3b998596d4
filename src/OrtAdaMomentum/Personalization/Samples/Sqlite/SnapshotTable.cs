namespace OrtAdaMomentum.Personalization;

/// <summary>The samples that runs have fixed, within a transaction.</summary>
internal static class SnapshotTable
{
    public static SampleSnapshot Take(SampleSession session, SampleSelection selection)
    {
        string id = Guid.NewGuid().ToString("N");
        session.Change("INSERT INTO snapshots (id, samples) VALUES ($id, 0)", ("$id", id));
        session.Change(
            "INSERT INTO snapshot_samples (snapshot, sample, was_new) SELECT $id, id, is_new FROM samples WHERE state = 0 AND (role = 1 OR is_new = 1)", ("$id", id));
        AddOld(session, id, selection);
        session.Change("UPDATE samples SET is_new = 0 WHERE is_new = 1");
        var snapshot = Read(session, id, out var damaged);
        foreach (var (sample, _) in damaged)
        {
            session.Change("UPDATE samples SET state = 2 WHERE id = $sample", ("$sample", sample));
            session.Change("DELETE FROM snapshot_samples WHERE snapshot = $id AND sample = $sample", ("$id", id), ("$sample", sample));
        }

        session.Change("UPDATE snapshots SET samples = (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) WHERE id = $id", ("$id", id));
        return snapshot;
    }

    /// <summary>The snapshot as it was taken; null when one of its samples is not there any more.</summary>
    public static SampleSnapshot? Find(SampleSession session, string id)
    {
        const string missing = "SELECT samples - (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) FROM snapshots WHERE id = $id";
        using var command = session.Command(missing, ("$id", id));
        if (command.ExecuteScalar() is not 0L)
            return null;
        var snapshot = Read(session, id, out var damaged);
        return damaged.Count == 0 ? snapshot : null;
    }

    public static void Release(SampleSession session, string id, bool used)
    {
        const string again = "UPDATE samples SET is_new = 1 WHERE state = 0 AND id IN (SELECT sample FROM snapshot_samples WHERE snapshot = $id AND was_new = 1)";
        if (!used)
            session.Change(again, ("$id", id));
        session.Change("DELETE FROM snapshots WHERE id = $id", ("$id", id));
    }

    public static void ReleaseOthers(SampleSession session, string? id)
    {
        const string again =
            "UPDATE samples SET is_new = 1 WHERE is_new = 0 AND state = 0 AND id IN (SELECT sample FROM snapshot_samples WHERE snapshot IS NOT $id AND was_new = 1)";
        session.Change(again, ("$id", (object?)id ?? DBNull.Value));
        session.Change("DELETE FROM snapshots WHERE id IS NOT $id", ("$id", (object?)id ?? DBNull.Value));
    }

    private static void AddOld(SampleSession session, string id, SampleSelection selection)
    {
        var (old, fresh) = Training(session);
        using var insert = session.Command("INSERT INTO snapshot_samples (snapshot, sample, was_new) VALUES ($id, $sample, 0)", ("$id", id), ("$sample", null));
        foreach (long sample in ReplayChoice.Choose(old, fresh, selection))
        {
            insert.Parameters["$sample"].Value = sample;
            insert.ExecuteNonQuery();
        }
    }

    private static (List<ReplayChoice.Candidate> Old, List<long?> Fresh) Training(SampleSession session)
    {
        List<ReplayChoice.Candidate> old = [];
        List<long?> fresh = [];
        using var command = session.Command("SELECT id, class, is_new FROM samples WHERE state = 0 AND role = 0 ORDER BY id");
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            long? label = rows.IsDBNull(1) ? null : rows.GetInt64(1);
            if (rows.GetInt64(2) == 1)
                fresh.Add(label);
            else
                old.Add(new(rows.GetInt64(0), label));
        }

        return (old, fresh);
    }

    /// <summary>Reads what can be read of a snapshot, and gives the ids of the other samples and why they cannot be read.</summary>
    private static SampleSnapshot Read(SampleSession session, string id, out List<(long Id, string Problem)> damaged)
    {
        const string samples = $"SELECT {SampleRow.Columns} FROM snapshot_samples JOIN samples ON samples.id = sample WHERE snapshot = $id ORDER BY sample";
        using var command = session.Command(samples, ("$id", id));
        using var rows = command.ExecuteReader();
        List<Sample> training = [], heldOut = [];
        damaged = [];
        while (rows.Read())
        {
            try
            {
                var row = SampleRow.Read(rows);
                (row.Role == SampleRole.HeldOut ? heldOut : training).Add(session.Vault.Read(row));
            }
            catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
            {
                damaged.Add((rows.GetInt64(0), damage.Message));
            }
        }

        return new SampleSnapshot(id, training, heldOut) { Damaged = damaged.ConvertAll(static sample => sample.Problem) };
    }
}
