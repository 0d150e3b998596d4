namespace OrtAdaMomentum.Personalization;

/// <summary>Holds a store to its limits.</summary>
internal static class SampleRetention
{
    /// <summary>Removes what is over the limits, but nothing that a snapshot holds.</summary>
    public static void Apply(SampleSession session, SampleLimits limits, DateTimeOffset now)
    {
        if (limits.Age is { } age)
        {
            // Samples that came before the clock was set back would be kept until it is again where it was.
            session.Change("UPDATE samples SET received = $now WHERE received > $now", ("$now", now.ToUnixTimeMilliseconds()));
            Remove(session, RetentionOrder.Expired(session, now - age), static _ => true);
        }

        if (session.Totals.Unlabelled > limits.Unlabelled)
            Remove(session, RetentionOrder.Unlabelled(session), totals => totals.Unlabelled > limits.Unlabelled);
        if (IsOver(session.Totals))
            Remove(session, RetentionOrder.Of(session, limits.Retention), IsOver);

        bool IsOver(SampleTotals totals) => totals.Count > limits.Count || totals.Bytes > limits.Bytes;
    }

    private static void Remove(SampleSession session, IEnumerable<RetentionOrder.Victim> order, Func<SampleTotals, bool> goesOn)
    {
        // Those that a run holds go when it ends. They are counted all the same: otherwise samples that come in while it goes on would make room for
        // older ones.
        var (now, then) = (session.Totals, session.Totals);
        var gone = new List<long>();
        foreach (var victim in order)
        {
            if (!goesOn(then))
                break;
            then = Without(then, victim);
            if (victim.IsHeld)
                continue;
            gone.Add(victim.Id);
            now = Without(now, victim);
        }

        if (gone.Count == 0)
            return;
        using var delete = session.Command("DELETE FROM samples WHERE id = $id", ("$id", null));
        foreach (long id in gone)
        {
            delete.Parameters["$id"].Value = id;
            delete.ExecuteNonQuery();
        }

        session.Totals = now;
    }

    private static SampleTotals Without(SampleTotals totals, RetentionOrder.Victim victim) =>
        new(totals.Count - 1, totals.Bytes - victim.Size, totals.Unlabelled - (victim.State == SampleState.Unlabelled ? 1 : 0));
}
