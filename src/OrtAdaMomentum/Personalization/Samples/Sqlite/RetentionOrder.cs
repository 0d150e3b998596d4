namespace OrtAdaMomentum.Personalization;

/// <summary>In which order samples go, those that a snapshot holds among them. Nothing may be removed while an order is read.</summary>
internal static class RetentionOrder
{
    private const string Select =
        "SELECT id, size, state, EXISTS (SELECT 1 FROM snapshot_samples WHERE sample = samples.id) FROM samples";

    /// <summary>A sample whose turn it is; one that is held can only go later.</summary>
    internal readonly record struct Victim(long Id, long Size, SampleState State, bool IsHeld);

    public static IEnumerable<Victim> Of(SampleSession session, RetentionStrategy strategy)
    {
        if (strategy == RetentionStrategy.Oldest)
            return Read(session, $"{Select} ORDER BY id");
        Func<SampleSession, SampleRole, bool, IEnumerable<Victim>> within = strategy == RetentionStrategy.ClassBalanced ? LargestClassFirst : LowestDrawFirst;
        return Damaged(session)
            .Concat(InProportion(session, within, isNew: false))
            .Concat(Unlabelled(session))
            .Concat(InProportion(session, within, isNew: true));
    }

    /// <summary>Those that came before a time.</summary>
    public static IEnumerable<Victim> Expired(SampleSession session, DateTimeOffset before) =>
        Read(session, $"{Select} WHERE received < $before ORDER BY received", ("$before", before.ToUnixTimeMilliseconds()));

    /// <summary>Those without a target, the oldest first.</summary>
    public static IEnumerable<Victim> Unlabelled(SampleSession session) => Read(session, $"{Select} WHERE state = 1 ORDER BY id");

    private static IEnumerable<Victim> Damaged(SampleSession session) => Read(session, $"{Select} WHERE state = 2 ORDER BY id");

    /// <summary>From the role that has more than its share of what ever came, so that what is held out stays as much as it was.</summary>
    private static IEnumerable<Victim> InProportion(
        SampleSession session, Func<SampleSession, SampleRole, bool, IEnumerable<Victim>> within, bool isNew)
    {
        double training = CountOf(session, SampleRole.Training), heldOut = CountOf(session, SampleRole.HeldOut);
        long seenTraining = SeenOf(session, SampleRole.Training), seenHeldOut = SeenOf(session, SampleRole.HeldOut);
        double share = seenHeldOut / (double)Math.Max(1, seenTraining + seenHeldOut);
        using var ofTraining = within(session, SampleRole.Training, isNew).GetEnumerator();
        using var ofHeldOut = within(session, SampleRole.HeldOut, isNew).GetEnumerator();
        bool hasTraining = ofTraining.MoveNext(), hasHeldOut = ofHeldOut.MoveNext();
        while (hasTraining || hasHeldOut)
        {
            bool fromHeldOut = hasHeldOut && (!hasTraining || heldOut > share * (training + heldOut));
            yield return fromHeldOut ? ofHeldOut.Current : ofTraining.Current;
            if (fromHeldOut)
            {
                heldOut--;
                hasHeldOut = ofHeldOut.MoveNext();
            }
            else
            {
                training--;
                hasTraining = ofTraining.MoveNext();
            }
        }
    }

    private static IEnumerable<Victim> LowestDrawFirst(SampleSession session, SampleRole role, bool isNew) =>
        Read(session, $"{Select} WHERE state = 0 AND role = $role AND is_new = $new ORDER BY draw", ("$role", (long)role), ("$new", isNew ? 1L : 0L));

    private static IEnumerable<Victim> LargestClassFirst(SampleSession session, SampleRole role, bool isNew)
    {
        var classes = new PriorityQueue<(long? Class, long Count), (long, long)>();
        using (var command = session.Command("SELECT class, count(*) FROM samples WHERE state = 0 AND role = $role GROUP BY class", ("$role", (long)role)))
        {
            using var rows = command.ExecuteReader();
            while (rows.Read())
                Enqueue(rows.IsDBNull(0) ? null : rows.GetInt64(0), rows.GetInt64(1));
        }

        var open = new Dictionary<long, IEnumerator<Victim>>();
        IEnumerator<Victim>? ofNone = null;
        try
        {
            while (classes.TryDequeue(out var largest, out _))
            {
                IEnumerator<Victim>? victims;
                if (largest.Class is not { } label)
                    victims = ofNone ??= OfClass(null);
                else if (!open.TryGetValue(label, out victims))
                    open.Add(label, victims = OfClass(label));
                if (!victims.MoveNext())
                    continue;
                yield return victims.Current;
                Enqueue(largest.Class, largest.Count - 1);
            }
        }
        finally
        {
            ofNone?.Dispose();
            foreach (var victims in open.Values)
                victims.Dispose();
        }

        void Enqueue(long? label, long count) => classes.Enqueue((label, count), (-count, label ?? -1));

        IEnumerator<Victim> OfClass(long? label) =>
            Read(
                session,
                $"{Select} WHERE state = 0 AND role = $role AND is_new = $new AND class IS $class ORDER BY draw",
                ("$role", (long)role), ("$new", isNew ? 1L : 0L), ("$class", SampleTable.OrNull(label))).GetEnumerator();
    }

    private static long CountOf(SampleSession session, SampleRole role)
    {
        using var command = session.Command("SELECT count(*) FROM samples WHERE state = 0 AND role = $role", ("$role", (long)role));
        return (long)command.ExecuteScalar()!;
    }

    private static long SeenOf(SampleSession session, SampleRole role)
    {
        using var command = session.Command("SELECT seen FROM stream WHERE role = $role", ("$role", (long)role));
        return command.ExecuteScalar() as long? ?? 0;
    }

    private static IEnumerable<Victim> Read(SampleSession session, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = session.Command(sql, parameters);
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return new Victim(rows.GetInt64(0), rows.GetInt64(1), (SampleState)rows.GetInt64(2), rows.GetInt64(3) == 1);
    }
}
