using System.Text;
using Microsoft.Data.Sqlite;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Files that earlier versions wrote.</summary>
public sealed class SampleMigrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_the_first_version_keeps_its_samples_and_snapshots()
    {
        var samples = TinyClassifier.Samples(20).ToList();
        WriteVersion1(samples);

        using var store = new SqliteSampleStore(File, new SampleLimits(100));
        Assert.Equal(new SampleCounts(16, 4, 5), await store.CountAsync(Cancelled));
        var running = await store.FindSnapshotAsync("run", Cancelled);
        Assert.Equal(samples.Take(15).Where(static (_, index) => index % 5 != 4).Select(static sample => sample.Key), running!.Training.Select(static sample => sample.Key));

        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        var found = snapshot.Training.Concat(snapshot.HeldOut).ToDictionary(static sample => sample.Key);
        Assert.Equal(20, found.Count);
        Assert.All(samples, sample =>
        {
            Assert.Equal(sample.Inputs["x"].Bytes.ToArray(), found[sample.Key].Inputs["x"].Bytes.ToArray());
            Assert.Equal(sample.Target!.Bytes.ToArray(), found[sample.Key].Target!.Bytes.ToArray());
            Assert.Equal("someone", found[sample.Key].Subject);
        });
    }

    [Fact]
    public async Task Samples_of_the_first_version_keep_extents_of_their_own_and_others_come_beside_them()
    {
        var samples = SequenceReader.Samples(20).ToList();
        WriteVersion1(samples);
        var more = SequenceReader.Samples(5, seed: 2).ToList();

        using (var store = new SqliteSampleStore(File, new SampleLimits(100)))
            await store.AddAsync([.. more.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);

        using var again = new SqliteSampleStore(File, new SampleLimits(100));
        var snapshot = await again.TakeSnapshotAsync(Cancelled);
        var found = snapshot.Training.Concat(snapshot.HeldOut).ToDictionary(static sample => sample.Key);
        Assert.Equal(25, found.Count);
        Assert.All(samples.Concat(more), sample =>
        {
            Assert.True(sample.Inputs["features"].HasSameContent(found[sample.Key].Inputs["features"]));
            Assert.True(sample.Target!.HasSameContent(found[sample.Key].Target!));
        });
    }

    [Fact]
    public async Task A_sample_of_the_first_version_that_is_damaged_is_left_out()
    {
        WriteVersion1([.. TinyClassifier.Samples(20)], damagedFrom: 18);

        using var store = new SqliteSampleStore(File, new SampleLimits(100));

        Assert.Equal(new SampleCounts(15, 3, 3, Damaged: 2), await store.CountAsync(Cancelled));
        Assert.Equal(15, (await store.TakeSnapshotAsync(Cancelled)).Training.Count);
    }

    [Fact]
    public async Task Samples_of_the_first_version_have_the_classes_that_retention_goes_by()
    {
        var samples = TinyClassifier.Samples(20).ToList();
        WriteVersion1(samples);
        int[] classes = [.. samples.Where(static (_, index) => index % 5 != 4).CountBy(static sample => (int)sample.Target!.Values<long>()[0]).OrderBy(static pair => pair.Key).Select(static pair => pair.Value)];
        Assert.True(classes[0] > 4 && classes[1] > 4);

        using var store = new SqliteSampleStore(File, new SampleLimits(10) { Retention = RetentionStrategy.ClassBalanced });
        await store.ReleaseOtherSnapshotsAsync(null, Cancelled);

        var kept = (await store.TakeSnapshotAsync(Cancelled)).Training.CountBy(static sample => sample.Target!.Values<long>()[0]).ToDictionary();
        Assert.Equal((4, 4), (kept[0], kept[1]));
    }

    /// <summary>A file as the first version wrote it: every fifth sample held out, all but the last five in the snapshot of a run.</summary>
    private void WriteVersion1(List<Sample> samples, int damagedFrom = int.MaxValue)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON");
        Execute(connection, SampleDatabaseSchema.Steps[0].Sql);
        Execute(connection, $"PRAGMA application_id = {SampleDatabaseSchema.ApplicationId}; PRAGMA user_version = 1");
        Execute(connection, "INSERT INTO snapshots (id, samples) VALUES ('run', 15)");
        foreach (var (index, sample) in samples.Index())
        {
            byte[] content = index >= damagedFrom ? [1, 77] : Content1(sample);
            Execute(
                connection,
                "INSERT INTO samples (key, role, received, is_new, subject, size, content) VALUES ($key, $role, 0, $new, 'someone', $size, $content)",
                ("$key", sample.Key), ("$role", index % 5 == 4 ? 1 : 0), ("$new", index >= 15 ? 1 : 0), ("$size", content.Length), ("$content", content));
            if (index < 15)
                Execute(connection, "INSERT INTO snapshot_samples (snapshot, sample, was_new) VALUES ('run', $id, 1)", ("$id", index + 1));
        }
    }

    private static byte[] Content1(Sample sample)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)1);
        writer.Write7BitEncodedInt(1);
        var (name, input) = sample.Inputs.Single();
        writer.Write(name);
        Write(input);
        Write(sample.Target!);
        writer.Flush();
        return stream.ToArray();

        void Write(SampleTensor tensor)
        {
            writer.Write7BitEncodedInt((int)tensor.ElementType);
            writer.Write7BitEncodedInt(tensor.Shape.Count);
            foreach (long extent in tensor.Shape)
                writer.Write7BitEncodedInt64(extent);
            writer.Write(tensor.Bytes.Span);
        }
    }

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = SampleDatabase.Command(connection, sql, parameters!);
        command.ExecuteNonQuery();
    }
}
