using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a file holds, as far as its limits go.</summary>
internal readonly record struct SampleTotals(long Count, long Bytes, long Unlabelled)
{
    /// <summary>What a file holds when it is opened; from then on the totals are carried along.</summary>
    public static SampleTotals Of(SqliteConnection connection) =>
        new(
            SampleDatabase.Number(connection, "SELECT count(*) FROM samples"),
            SampleDatabase.Number(connection, "SELECT coalesce(sum(size), 0) FROM samples"),
            SampleDatabase.Number(connection, "SELECT count(*) FROM samples WHERE state = 1"));
}
