namespace OrtAdaMomentum.Personalization;

/// <summary>The tables of the sample database, as steps from one version to the next. A step that was released never changes.</summary>
internal static class SampleDatabaseSchema
{
    /// <summary>Marks the file as one of ours, so that no other database is taken for it ("OADM").</summary>
    public const int ApplicationId = 0x4F41444D;

    /// <summary>The step at index n brings version n to version n + 1.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE samples (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            role INTEGER NOT NULL,
            received INTEGER NOT NULL,
            is_new INTEGER NOT NULL,
            subject TEXT,
            size INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX samples_subject ON samples (subject) WHERE subject IS NOT NULL;
        CREATE INDEX samples_new ON samples (id) WHERE is_new = 1;
        CREATE INDEX samples_held_out ON samples (id) WHERE role = 1;
        CREATE TABLE snapshots (
            id TEXT PRIMARY KEY,
            samples INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE snapshot_samples (
            snapshot TEXT NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
            sample INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
            was_new INTEGER NOT NULL,
            PRIMARY KEY (snapshot, sample)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX snapshot_samples_sample ON snapshot_samples (sample);
        """,
    ];
}
