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
        foreach (var stored in samples)
        {
            var (sample, role) = stored;
            if (!insert.Run(stored, now.ToUnixTimeMilliseconds(), isNew: sample.IsLabelled))
                continue;
            added++;
            seen[(int)role] += sample.IsLabelled ? 1 : 0;
        }

        Seen(session, seen);
        return added;
    }

    public static SampleCounts Count(SampleSession session) => CountBy(session, "''").GetValueOrDefault("");

    public static IReadOnlyDictionary<string, SampleCounts> CountBySource(SampleSession session)
    {
        var found = CountBy(session, "coalesce(source, '')");
        if (session.Vault.Key is null)
            return found;
        var named = new Dictionary<string, SampleCounts>(StringComparer.Ordinal);
        foreach (var (hashed, counts) in found)
        {
            string name = hashed.Length == 0 ? "" : SourceOf(session, hashed);
            // While the key is changed the same source has two hashes.
            named[name] = named.GetValueOrDefault(name).Plus(counts);
        }

        return named;
    }

    /// <summary>
    /// Gives a sample its target, or another one; null where there is no such sample. Tells too which sample it is and what target it had, if that is another.
    /// </summary>
    public static (CorrectedSample Corrected, long Id, SampleTensor? Former)? Correct(SampleSession session, string key, SampleTensor target)
    {
        if (Find(session, key) is not { } found)
            return null;
        var (id, state, before, isNew, answeredBy) = found;
        var sample = session.Vault.Read(before);
        var corrected = new CorrectedSample(sample.WithTarget(target), IsChanged: true, state == SampleState.Usable && !isNew, answeredBy);
        // The same target again changes nothing, so whoever got no answer may send it again.
        if (state == SampleState.Usable && sample.Target?.HasSameContent(target) == true)
            return (corrected with { IsChanged = false }, id, null);
        var row = session.Vault.Seal(SampleNames.Of(sample), before.Role, SampleCodec.Write(corrected.Sample, session.Compression));
        Write(session, id, row, target);
        session.Change("UPDATE samples SET state = 0, is_new = 1 WHERE id = $id", ("$id", id));
        SnapshotTable.Break(session, id);
        if (state == SampleState.Unlabelled)
        {
            int[] seen = new int[2];
            seen[(int)row.Role]++;
            Seen(session, seen);
        }

        session.Totals = session.Totals with
        {
            Bytes = session.Totals.Bytes + row.Content.Length - before.Content.Length,
            Unlabelled = session.Totals.Unlabelled - (state == SampleState.Unlabelled ? 1 : 0),
        };
        return (corrected, id, sample.Target);
    }

    /// <summary>Removes the samples of a subject, and gives how many they were.</summary>
    public static int Forget(SampleSession session, string subject)
    {
        var (now, before) = session.Vault.NamesOf("subject", subject);
        int samples = (int)session.Change("DELETE FROM samples WHERE subject IN ($now, $before)", ("$now", now), ("$before", before));
        // An import that has some of them fails then, and has none when it is made again.
        session.Change("DELETE FROM imported WHERE subject IN ($now, $before)", ("$now", now), ("$before", before));
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

    /// <summary>The sample of a key; null if there is none.</summary>
    public static (long Id, SampleState State, SampleRow Row, bool IsNew, string? AnsweredBy)? Find(SampleSession session, string key)
    {
        var (now, before) = session.Vault.NamesOf("key", key);
        using var find = session.Command($"SELECT {SampleRow.Columns}, state, is_new, answered_by FROM samples WHERE key IN ($now, $before)", ("$now", now), ("$before", before));
        using var rows = find.ExecuteReader();
        return rows.Read()
            ? (rows.GetInt64(0), (SampleState)rows.GetInt64(7), SampleRow.Read(rows), rows.GetInt64(8) == 1, rows.IsDBNull(9) ? null : rows.GetString(9))
            : null;
    }

    /// <summary>Writes a row in the place of the one that was there.</summary>
    public static void Write(SampleSession session, long id, SampleRow row, SampleTensor? target)
    {
        const string change =
            "UPDATE samples SET key = $key, subject = $subject, source = $source, content = $content, size = $size, class = $class, sealed_by = $sealed WHERE id = $id";
        session.Change(
            change,
            ("$key", row.Names.Key), ("$subject", (object?)row.Names.Subject ?? DBNull.Value), ("$source", (object?)row.Names.Source ?? DBNull.Value),
            ("$content", row.Content), ("$size", (long)row.Content.Length), ("$class", OrNull(session.Vault.ClassOf(target))),
            ("$sealed", OrNull(row.SealedBy)), ("$id", id));
    }

    /// <summary>The name of a source, from one of its samples that can be read; the hash if there is none.</summary>
    private static string SourceOf(SampleSession session, string hashed)
    {
        using var command = session.Command($"SELECT {SampleRow.Columns} FROM samples WHERE source = $source", ("$source", hashed));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            try
            {
                return session.Vault.Open(SampleRow.Read(rows)).Names.Source ?? hashed;
            }
            catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
            {
                // Another one may do.
            }
        }

        return hashed;
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
