namespace OrtAdaMomentum.Personalization;

/// <summary>Reads all samples in the order in which they came, some at a time.</summary>
internal static class ExportTable
{
    private const int Batch = 128;

    /// <summary>Some samples behind a place, the place of the last of them, and how many cannot be read; the place is null when there are no more.</summary>
    public static (List<ArchivedSample> Samples, long? Last, int Damaged) Read(SampleSession session, long behind, long last)
    {
        const string isNew = "is_new OR EXISTS (SELECT 1 FROM snapshot_samples WHERE sample = samples.id AND was_new = 1)";
        using var command = session.Command(
            $"SELECT {SampleRow.Columns}, received, {isNew} FROM samples WHERE samples.id > $behind AND samples.id <= $last ORDER BY samples.id LIMIT {Batch}",
            ("$behind", behind), ("$last", last));
        using var rows = command.ExecuteReader();
        List<ArchivedSample> samples = [];
        long? place = null;
        int damaged = 0;
        while (rows.Read())
        {
            place = rows.GetInt64(0);
            try
            {
                var row = SampleRow.Read(rows);
                var (names, content) = session.Vault.Open(row);
                // Seen to be sound here, rather than by whoever has only the archive.
                _ = SampleCodec.Read(content, names);
                samples.Add(new ArchivedSample(names, row.Role, rows.GetInt64(7), rows.GetInt64(8) == 1, content));
            }
            catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
            {
                damaged++;
            }
        }

        return (samples, place, damaged);
    }
}
