namespace OrtAdaMomentum.Personalization;

/// <summary>The tables of the sample database, as steps from one version to the next. A step that was released never changes.</summary>
internal static class SampleDatabaseSchema
{
    /// <summary>Marks the file as one of ours, so that no other database is taken for it ("OADM").</summary>
    public const int ApplicationId = 0x4F41444D;

    /// <summary>The step at index n brings version n to version n + 1.</summary>
    public static IReadOnlyList<SampleDatabaseStep> Steps { get; } =
    [
        new("""
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
        """),
        new(
            """
            ALTER TABLE samples ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE samples ADD COLUMN source TEXT;
            ALTER TABLE samples ADD COLUMN class INTEGER;
            ALTER TABLE samples ADD COLUMN draw INTEGER NOT NULL DEFAULT 0;
            DROP INDEX samples_held_out;
            CREATE INDEX samples_use ON samples (state, role, is_new, draw, class);
            CREATE INDEX samples_source ON samples (source) WHERE source IS NOT NULL;
            CREATE INDEX samples_received ON samples (received);
            CREATE TABLE stream (
                role INTEGER PRIMARY KEY,
                seen INTEGER NOT NULL
            ) STRICT;
            INSERT INTO stream (role, seen) SELECT 0, count(*) FROM samples WHERE role = 0;
            INSERT INTO stream (role, seen) SELECT 1, count(*) FROM samples WHERE role = 1;
            """,
            SampleFill.Run),
        new("""
        ALTER TABLE samples ADD COLUMN sealed_by INTEGER;
        CREATE INDEX samples_sealed ON samples (sealed_by);
        CREATE TABLE keys (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            wrapped BLOB
        ) STRICT;
        """),
        new("""
        CREATE TABLE imported (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            role INTEGER NOT NULL,
            received INTEGER NOT NULL,
            is_new INTEGER NOT NULL,
            subject TEXT,
            source TEXT,
            state INTEGER NOT NULL,
            class INTEGER,
            draw INTEGER NOT NULL,
            size INTEGER NOT NULL,
            content BLOB NOT NULL,
            sealed_by INTEGER
        ) STRICT;
        """),
        new("""
        ALTER TABLE samples ADD COLUMN answered_by TEXT;
        ALTER TABLE imported ADD COLUMN answered_by TEXT;
        """),
    ];
}
