namespace OrtAdaMomentum.Personalization;

/// <summary>The stored samples, within a transaction.</summary>
internal static class SampleTable
{
    /// <summary>Stores those whose key is not there yet, and gives how many they were.</summary>
    public static int Add(SampleSession session, IReadOnlyList<StoredSample> samples, DateTimeOffset now)
    {
        using var insert = new SampleInsert(session);
        int[] seen = new int[2];
        int added = 0;
        foreach (var (sample, role) in samples)
        {
            if (!insert.Run(sample, role, now.ToUnixTimeMilliseconds(), isNew: sample.IsLabelled))
                continue;
            added++;
            seen[(int)role] += sample.IsLabelled ? 1 : 0;
        }

        Seen(session, seen);
        return added;
    }

    public static SampleCounts Count(SampleSession session) => CountBy(session, "''").GetValueOrDefault("");

    public static IReadOnlyDictionary<string, SampleCounts> CountBySource(SampleSession session) => CountBy(session, "coalesce(source, '')");

    /// <summary>Gives a sample its target, or another one, and tells whether it is there.</summary>
    public static bool Correct(SampleSession session, string key, SampleTensor target)
    {
        if (Find(session, key) is not { } found)
            return false;
        var (id, role, state, before) = found;
        var sample = SampleCodec.Read(before, key, subject: null, source: null);
        // The same target again changes nothing, so whoever got no answer may send it again.
        if (state == SampleState.Usable && sample.Target?.HasSameContent(target) == true)
            return true;
        byte[] content = SampleCodec.Write(sample.WithTarget(target));
        session.Change(
            "UPDATE samples SET content = $content, size = $size, class = $class, state = 0, is_new = 1 WHERE id = $id",
            ("$content", content), ("$size", (long)content.Length), ("$class", OrNull(SampleClass.Of(target))), ("$id", id));
        session.Change("DELETE FROM snapshot_samples WHERE sample = $id", ("$id", id));
        if (state == SampleState.Unlabelled)
        {
            int[] seen = new int[2];
            seen[(int)role]++;
            Seen(session, seen);
        }

        session.Totals = session.Totals with
        {
            Bytes = session.Totals.Bytes + content.Length - before.Length,
            Unlabelled = session.Totals.Unlabelled - (state == SampleState.Unlabelled ? 1 : 0),
        };
        return true;
    }

    /// <summary>Removes the samples of a subject, and gives how many they were.</summary>
    public static int Forget(SampleSession session, string subject)
    {
        int samples = (int)session.Change("DELETE FROM samples WHERE subject = $subject", ("$subject", subject));
        session.Totals = SampleTotals.Of(session.Connection);
        return samples;
    }

    public static object OrNull<T>(T? value)
        where T : struct =>
        value is { } given ? given : DBNull.Value;

    /// <summary>How many samples of each role ever came; the room in the store is shared in this proportion.</summary>
    public static void Seen(SampleSession session, ReadOnlySpan<int> roles)
    {
        for (int role = 0; role < roles.Length; role++)
        {
            if (roles[role] > 0)
                session.Change("UPDATE stream SET seen = seen + $more WHERE role = $role", ("$more", (long)roles[role]), ("$role", (long)role));
        }
    }

    private static (long Id, SampleRole Role, SampleState State, byte[] Content)? Find(SampleSession session, string key)
    {
        using var find = session.Command("SELECT id, role, state, content FROM samples WHERE key = $key", ("$key", key));
        using var rows = find.ExecuteReader();
        return rows.Read() ? (rows.GetInt64(0), (SampleRole)rows.GetInt64(1), (SampleState)rows.GetInt64(2), rows.GetFieldValue<byte[]>(3)) : null;
    }

    private static Dictionary<string, SampleCounts> CountBy(SampleSession session, string name)
    {
        var counts = new Dictionary<string, SampleCounts>(StringComparer.Ordinal);
        using var command = session.Command($"SELECT {name}, state, role, count(*), sum(is_new) FROM samples GROUP BY 1, 2, 3");
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var before = counts.GetValueOrDefault(rows.GetString(0));
            int count = (int)rows.GetInt64(3);
            var state = (SampleState)rows.GetInt64(1);
            bool isHeldOut = rows.GetInt64(2) == (long)SampleRole.HeldOut;
            counts[rows.GetString(0)] = state switch
            {
                SampleState.Unlabelled => before with { Unlabelled = before.Unlabelled + count },
                SampleState.Damaged => before with { Damaged = before.Damaged + count },
                _ when isHeldOut => before with { HeldOut = count, New = before.New + (int)rows.GetInt64(4) },
                _ => before with { Training = count, New = before.New + (int)rows.GetInt64(4) },
            };
        }

        return counts;
    }
}
