namespace OrtAdaMomentum.Personalization;

/// <summary>The samples that runs have fixed, within a transaction.</summary>
internal static class SnapshotTable
{
    /// <summary>How many samples are looked through before others may use the file.</summary>
    private const int Some = 64;

    /// <summary>Marks a snapshot that is not taken yet: it has less than no samples.</summary>
    private const int Incomplete = -1;

    /// <summary>Chooses the samples of a snapshot, which is not taken yet, and gives its id.</summary>
    public static string Begin(SampleSession session, SampleSelection selection)
    {
        string id = Guid.NewGuid().ToString("N");
        // What a failure has left.
        session.Change("DELETE FROM snapshots WHERE samples < 0");
        session.Change($"INSERT INTO snapshots (id, samples) VALUES ($id, {Incomplete})", ("$id", id));
        session.Change(
            "INSERT INTO snapshot_samples (snapshot, sample, was_new) SELECT $id, id, is_new FROM samples WHERE state = 0 AND (role = 1 OR is_new = 1)", ("$id", id));
        AddOld(session, id, selection);
        return id;
    }

    /// <summary>Looks through some samples behind a place; gives the place of the last one, or null when there are no more.</summary>
    public static long? LookThrough(SampleSession session, string id, long behind, List<(long Id, string Problem)> damaged)
    {
        using var command = session.Command(
            $"SELECT {SampleRow.Columns} FROM snapshot_samples JOIN samples ON samples.id = sample WHERE snapshot = $id AND sample > $behind ORDER BY sample LIMIT {Some}",
            ("$id", id), ("$behind", behind));
        using var rows = command.ExecuteReader();
        long? last = null;
        while (rows.Read())
        {
            last = rows.GetInt64(0);
            try
            {
                _ = session.Vault.Read(SampleRow.Read(rows));
            }
            catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
            {
                damaged.Add((rows.GetInt64(0), damage.Message));
            }
        }

        return last;
    }

    /// <summary>Takes the snapshot, without what is damaged; what is in it is not new any more.</summary>
    public static bool Complete(SampleSession session, string id, IEnumerable<long> damaged)
    {
        session.Change(
            "UPDATE samples SET is_new = 0 WHERE is_new = 1 AND id IN (SELECT sample FROM snapshot_samples WHERE snapshot = $id AND was_new = 1)", ("$id", id));
        foreach (long sample in damaged)
        {
            session.Change("UPDATE samples SET state = 2 WHERE id = $sample", ("$sample", sample));
            session.Change("DELETE FROM snapshot_samples WHERE snapshot = $id AND sample = $sample", ("$id", id), ("$sample", sample));
        }

        return session.Change("UPDATE snapshots SET samples = (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) WHERE id = $id", ("$id", id)) == 1;
    }

    /// <summary>Whether a snapshot has all samples that it was taken with.</summary>
    public static bool IsWhole(SampleSession session, string id)
    {
        const string missing = "SELECT samples - (SELECT count(*) FROM snapshot_samples WHERE snapshot = $id) FROM snapshots WHERE id = $id";
        using var command = session.Command(missing, ("$id", id));
        return command.ExecuteScalar() is 0L;
    }

    /// <summary>The ids of a snapshot's samples, by role.</summary>
    public static (long[] Training, long[] HeldOut) Samples(SampleSession session, string id)
    {
        using var command = session.Command(
            "SELECT samples.id, role FROM snapshot_samples JOIN samples ON samples.id = sample WHERE snapshot = $id ORDER BY sample", ("$id", id));
        using var rows = command.ExecuteReader();
        List<long> training = [], heldOut = [];
        while (rows.Read())
            (rows.GetInt64(1) == (long)SampleRole.HeldOut ? heldOut : training).Add(rows.GetInt64(0));
        return ([.. training], [.. heldOut]);
    }

    /// <summary>
    /// A sample is another now, so that snapshots which hold it are not whole any more. They hold it all the same, since a run may still read what else there is
    /// of it.
    /// </summary>
    public static void Break(SampleSession session, long sample) => session.Change(
        "UPDATE snapshots SET samples = samples + 1 WHERE samples >= 0 AND id IN (SELECT snapshot FROM snapshot_samples WHERE sample = $sample)", ("$sample", sample));

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
}
