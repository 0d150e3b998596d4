using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>Gives samples that were stored by the first version what later ones store with them: their draw and their class.</summary>
internal static class SampleFill
{
    public static void Run(SqliteConnection connection)
    {
        using var update = SampleDatabase.Command(
            connection, "UPDATE samples SET draw = $draw, class = $class, state = $state WHERE id = $id", ("$draw", null), ("$class", null), ("$state", null), ("$id", null));
        using var select = SampleDatabase.Command(connection, "SELECT id, key, content FROM samples");
        using var rows = select.ExecuteReader();
        while (rows.Read())
        {
            string key = rows.GetString(1);
            update.Parameters["$id"].Value = rows.GetInt64(0);
            update.Parameters["$draw"].Value = SampleDraw.Of(key);
            try
            {
                var sample = SampleCodec.Read(rows.GetFieldValue<byte[]>(2), new SampleNames(key, null, null));
                update.Parameters["$class"].Value = SampleTable.OrNull(SampleClass.Of(sample.Target));
                update.Parameters["$state"].Value = (long)(sample.IsLabelled ? SampleState.Usable : SampleState.Unlabelled);
            }
            catch (SampleStoreException damage) when (damage.Problem == SampleStoreProblem.Damaged)
            {
                update.Parameters["$class"].Value = DBNull.Value;
                update.Parameters["$state"].Value = (long)SampleState.Damaged;
            }

            update.ExecuteNonQuery();
        }

        using var seen = SampleDatabase.Command(
            connection, "UPDATE stream SET seen = max(seen, (SELECT count(*) FROM samples WHERE samples.role = stream.role AND state = 0))");
        seen.ExecuteNonQuery();
    }
}
