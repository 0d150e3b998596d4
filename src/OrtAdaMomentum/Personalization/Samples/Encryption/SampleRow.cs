namespace OrtAdaMomentum.Personalization;

/// <summary>What the file has of a sample: names to find it by and content, either as they are or hashed and encrypted.</summary>
/// <param name="Names">What it is found by.</param>
/// <param name="Role">Its role.</param>
/// <param name="Content">Its encoded or encrypted content.</param>
/// <param name="SealedBy">Number of the key that it is encrypted with; null if it is not.</param>
internal sealed record SampleRow(SampleNames Names, SampleRole Role, byte[] Content, long? SealedBy)
{
    /// <summary>The columns of a row, in the order in which <see cref="Read"/> takes them.</summary>
    public const string Columns = "samples.id, key, subject, source, role, content, sealed_by";

    public static SampleRow Read(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        new(
            new SampleNames(row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)),
            (SampleRole)row.GetInt64(4),
            row.GetFieldValue<byte[]>(5),
            row.IsDBNull(6) ? null : row.GetInt64(6));
}
