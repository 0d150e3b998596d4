using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>Holds a store to its limits.</summary>
internal static class SampleRetention
{
    /// <summary>How many samples there are, and their bytes.</summary>
    internal readonly record struct Totals(long Count, long Bytes);

    /// <summary>What a file holds when it is opened; from then on the totals are carried along.</summary>
    public static Totals Count(SqliteConnection connection) =>
        new(SampleDatabase.Number(connection, "SELECT count(*) FROM samples"), SampleDatabase.Number(connection, "SELECT coalesce(sum(size), 0) FROM samples"));

    /// <summary>Removes what is over the limits, and gives what is left.</summary>
    public static Totals Apply(SqliteConnection connection, SampleLimits limits, Totals totals, DateTimeOffset now)
    {
        if (limits.Age is not null)
            AgeFromNow(connection, now);
        long expired = limits.Age is { } age ? (now - age).ToUnixTimeMilliseconds() : long.MinValue;
        long last = -1;
        const string unheld = "NOT EXISTS (SELECT 1 FROM snapshot_samples WHERE sample = samples.id)";
        using (var oldest = SampleDatabase.Command(connection, $"SELECT id, size, received FROM samples WHERE {unheld} ORDER BY id"))
        {
            using var rows = oldest.ExecuteReader();
            while (rows.Read())
            {
                // The clock may have been set back, so that a later sample can seem older: the order of arrival decides.
                if (totals.Count <= limits.Count && totals.Bytes <= limits.Bytes && rows.GetInt64(2) >= expired)
                    break;
                last = rows.GetInt64(0);
                totals = new(totals.Count - 1, totals.Bytes - rows.GetInt64(1));
            }
        }

        if (last < 0)
            return totals;
        using var delete = SampleDatabase.Command(
            connection, $"DELETE FROM samples WHERE id <= $last AND {unheld}", ("$last", last));
        delete.ExecuteNonQuery();
        return totals;
    }

    /// <summary>Samples that came before the clock was set back would be kept until it is again where it was.</summary>
    private static void AgeFromNow(SqliteConnection connection, DateTimeOffset now)
    {
        using var update = SampleDatabase.Command(connection, "UPDATE samples SET received = $now WHERE received > $now", ("$now", now.ToUnixTimeMilliseconds()));
        update.ExecuteNonQuery();
    }
}
