using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples that are encrypted on the disk.</summary>
public sealed class SampleEncryptionTests : IDisposable
{
    private static readonly byte[] Secret = [.. "pixels of a face that nobody else may see, and there are many of them"u8];

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _keys = new();
    private readonly FakeTimeProvider _time = new();
    private readonly KeyFile _key;

    public SampleEncryptionTests() => _key = KeyFile.Create(_keys["key"]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose()
    {
        _folder.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public async Task Nothing_of_a_sample_is_readable_in_the_files_and_all_of_it_through_the_store()
    {
        using (var store = Store(_key))
        {
            await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
            Assert.NotNull(await store.CorrectAsync("portrait 2", SampleTensor.Scalar(1234567890123L), Cancelled));
            await store.TakeSnapshotAsync(Cancelled);
            NothingIsReadable();
        }

        NothingIsReadable();
        using var again = Store(_key);
        var samples = (await again.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(["portrait 1", "portrait 2"], samples.Select(static sample => sample.Key));
        Assert.Equal(("Ada Example", "hall camera"), (samples[0].Subject, samples[0].Source));
        Assert.Equal(Secret, samples[0].Inputs["x"].Bytes.ToArray());
        Assert.Equal(1234567890123L, samples[1].Target!.Values<long>()[0]);
        Assert.Equal(0, await again.AddAsync([Person("Ada Example", 1)], Cancelled));
        Assert.Equal(new SampleCounts(2, 0, 0), (await again.CountBySourceAsync(Cancelled))["hall camera"]);
        NothingIsReadable();

        void NothingIsReadable()
        {
            Assert.False(_folder.Holds(Secret));
            Assert.False(_folder.Holds("portrait"u8));
            Assert.False(_folder.Holds("Example"u8));
            Assert.False(_folder.Holds("camera"u8));
            Assert.False(_folder.Holds(BitConverter.GetBytes(1234567890123L)));
            // A label that is a column of its own is big-endian in SQLite.
            Assert.False(_folder.Holds([.. BitConverter.GetBytes(1234567890123L).Reverse().SkipWhile(static part => part == 0)]));
        }
    }

    [Fact]
    public async Task A_subject_is_forgotten()
    {
        using var store = Store(_key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.Equal(1, await store.ForgetSubjectAsync("Ada Example", Cancelled));

        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Assert.Equal("Alan Example", Assert.Single((await store.TakeSnapshotAsync(Cancelled)).Training).Subject);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(-1)]
    public async Task A_changed_bit_is_noticed_and_the_sample_named_and_left_out(int place)
    {
        using var store = Store(_key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        byte[] content = Column<byte[]>("SELECT content FROM samples WHERE id = 1");
        content[place < 0 ? content.Length + place : place] ^= 4;
        Execute("UPDATE samples SET content = $content WHERE id = 1", ("$content", content));
        string found = Column<string>("SELECT key FROM samples WHERE id = 1");

        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.CorrectAsync("portrait 1", SampleTensor.Scalar(1L), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Damaged, refusal.Problem);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal("portrait 2", Assert.Single(snapshot.Training).Key);
        Assert.Contains(found, Assert.Single(snapshot.Damaged), StringComparison.Ordinal);
        Assert.Equal(new SampleCounts(1, 0, 0, Damaged: 1), await store.CountAsync(Cancelled));
        Assert.NotNull(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
    }

    [Theory]
    [InlineData("UPDATE samples SET content = (SELECT content FROM samples WHERE id = 2) WHERE id = 1")]
    [InlineData("UPDATE samples SET role = 1 WHERE id = 1")]
    [InlineData("UPDATE samples SET subject = (SELECT subject FROM samples WHERE id = 2) WHERE id = 1")]
    public async Task Rows_cannot_be_exchanged_or_moved(string change)
    {
        using var store = Store(_key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        Execute(change);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.Single(snapshot.Damaged);
        Assert.Equal("portrait 2", Assert.Single(snapshot.Training).Key);
        Assert.Empty(snapshot.HeldOut);
    }

    [Fact]
    public async Task A_missing_key_touches_nothing_and_the_store_works_when_it_is_back()
    {
        System.IO.File.Move(_keys["key"], _keys["elsewhere"]);
        using (var store = Store(_key))
            await Refused(store, "key");
        Assert.False(System.IO.File.Exists(File));
        System.IO.File.Move(_keys["elsewhere"], _keys["key"]);
        using (var store = Store(_key))
            await store.AddAsync([Person("Ada Example", 1)], Cancelled);

        byte[] before = System.IO.File.ReadAllBytes(File);
        System.IO.File.Move(_keys["key"], _keys["elsewhere"]);
        using var again = Store(_key);
        await Refused(again, _keys["key"]);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));

        System.IO.File.Move(_keys["elsewhere"], _keys["key"]);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await again.AddAsync([Person("Ada Example", 1)], Cancelled));
    }

    [Fact]
    public async Task Another_key_or_none_is_refused()
    {
        using (var store = Store(_key))
            await store.AddAsync([Person("Ada Example", 1)], Cancelled);
        byte[] before = System.IO.File.ReadAllBytes(File);

        using (var store = Store(KeyFile.Create(_keys["other"])))
            await Refused(store, _keys["other"]);
        using (var store = Store(null))
            await Refused(store, "no key is given");

        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        using var again = Store(_key);
        Assert.Equal(1, (await again.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Samples_that_were_not_encrypted_are_when_the_store_is_opened_with_a_key()
    {
        string running;
        string[] keys;
        using (var store = Store(null))
        {
            await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2), .. StoredSamples.Tiny(300)], Cancelled);
            var snapshot = await store.TakeSnapshotAsync(Cancelled);
            (running, keys) = (snapshot.Id, [.. snapshot.Training.Select(static sample => sample.Key)]);
            Assert.True(_folder.Holds(Secret));
        }

        using (var store = Store(_key))
        {
            Assert.Equal(302, (await store.CountAsync(Cancelled)).Total);
            Assert.False(_folder.Holds(Secret));
            Assert.False(_folder.Holds("Example"u8));
            Assert.False(_folder.Holds("portrait"u8));
            Assert.Equal(keys, (await store.FindSnapshotAsync(running, Cancelled))!.Training.Select(static sample => sample.Key));
            Assert.Equal(1, await store.ForgetSubjectAsync("Ada Example", Cancelled));
        }

        Assert.False(_folder.Holds("portrait"u8));
    }

    [Fact]
    public async Task Another_key_takes_the_place_of_the_first_with_all_samples()
    {
        var next = KeyFile.Create(_keys["next"]);
        var samples = StoredSamples.Tiny(300);
        using (var store = Store(_key))
        {
            await store.AddAsync([Person("Ada Example", 1), .. samples], Cancelled);
            await store.RotateKeyAsync(next, Cancelled);
            Assert.Same(next, store.Encryption);
            Assert.Equal(0, await store.AddAsync(samples, Cancelled));
            store.Reopen();
            Assert.Equal(301, (await store.CountAsync(Cancelled)).Total);
        }

        using (var store = Store(_key))
            await Refused(store, _keys["key"]);
        Assert.Equal(1L, Column<long>("SELECT count(*) FROM keys"));
        using var again = Store(next);
        var read = (await again.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(["portrait 1", .. samples.Select(static sample => sample.Sample.Key)], read.Select(static sample => sample.Key));
        Assert.Equal(1, await again.ForgetSubjectAsync("Ada Example", Cancelled));
    }

    [Fact]
    public async Task An_interrupted_change_of_the_key_goes_on_and_the_store_is_used_meanwhile()
    {
        var next = KeyFile.Create(_keys["next"]);
        var samples = StoredSamples.Tiny(300);
        using var interruption = new CancellationTokenSource();
        using (var store = Store(new CancellingKey(_key, interruption)))
        {
            await store.AddAsync([Person("Ada Example", 1), .. samples], Cancelled);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.RotateKeyAsync(new CancellingKey(next, interruption, cancels: true), interruption.Token));

            // All samples are as they were before, and found nevertheless.
            Assert.Equal(301L, Column<long>("SELECT count(*) FROM samples WHERE sealed_by = 1"));
            Assert.Equal(1, await store.AddAsync([.. samples[..5], Person("Alan Example", 2)], Cancelled));
            Assert.NotNull(await store.CorrectAsync("portrait 1", SampleTensor.Scalar(1L), Cancelled));
            Assert.Equal(299L + 1, Column<long>("SELECT count(*) FROM samples WHERE sealed_by = 1"));
            Assert.Equal(302, (await store.TakeSnapshotAsync(Cancelled)).Training.Count);
            Assert.Equal(302, (await store.CountBySourceAsync(Cancelled)).Values.Sum(static counts => counts.Total));
        }

        using (var store = Store(_key))
        {
            var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());
            Assert.Contains("has begun", refusal.Message, StringComparison.Ordinal);
        }

        using var again = Store(next);
        Assert.Equal(302, (await again.CountAsync(Cancelled)).Total);
        Assert.Equal(302L, Column<long>("SELECT count(*) FROM samples WHERE sealed_by = 2"));
        Assert.Equal(1L, Column<long>("SELECT count(*) FROM keys"));
        Assert.Equal(302, (await again.TakeSnapshotAsync(Cancelled)).Training.Count);
        Assert.Equal(1, await again.ForgetSubjectAsync("Alan Example", Cancelled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_store_is_salvaged_without_its_key(bool keysAreLost)
    {
        using (var store = Store(_key))
            await store.AddAsync([Person("Ada Example", 1), .. StoredSamples.Tiny(20)], Cancelled);
        if (keysAreLost)
            Execute("DELETE FROM keys");

        Assert.Equal(new SalvageResult(21, 0, 0), await SqliteSampleStore.SalvageAsync(File, _folder["new.db"], Cancelled));

        using (var other = new SqliteSampleStore(_folder["new.db"], new SampleLimits(1000)) { Encryption = KeyFile.Create(_keys["other"]) })
            await Refused(other, "other");
        using var again = new SqliteSampleStore(_folder["new.db"], new SampleLimits(1000)) { Encryption = _key };
        Assert.Equal(21, (await again.TakeSnapshotAsync(Cancelled)).Training.Count);
        Assert.Equal(1, await again.ForgetSubjectAsync("Ada Example", Cancelled));
    }

    [Fact]
    public async Task The_service_shows_a_missing_key_until_it_is_back()
    {
        System.IO.File.Move(_keys["key"], _keys["elsewhere"]);
        await using var host = await ServiceHost.StartAsync(_folder, options =>
        {
            options.Encryption.Source = EncryptionSource.KeyFile;
            options.Encryption.Path = _keys["key"];
        });
        var sample = TinyClassifier.Samples(1).Single();
        await Assert.ThrowsAsync<SampleStoreException>(() => host.Ingest.AddAsync(sample, Cancelled).AsTask());
        Assert.Contains(_keys["key"], Assert.Single(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleKey).Message, StringComparison.Ordinal);

        System.IO.File.Move(_keys["elsewhere"], _keys["key"]);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.Ingest.AddAsync(sample, Cancelled);
        Assert.DoesNotContain(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleKey);
    }

    private static StoredSample Person(string subject, int number) =>
        new(
            new Sample("x", SampleTensor.Of<byte>(Secret, Secret.Length), SampleTensor.Scalar(1234567890123L), $"portrait {number}") { Subject = subject, Source = "hall camera" },
            SampleRole.Training);

    private SqliteSampleStore Store(ISampleKeySource? key) => new(File, new SampleLimits(1000), _time) { Encryption = key };

    private static async Task Refused(SqliteSampleStore store, string contained)
    {
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Key, refusal.Problem);
        Assert.Contains(contained, refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1), Cancelled).AsTask());
    }

    private T Column<T>(string sql)
    {
        using var connection = Connection();
        using var command = SampleDatabase.Command(connection, sql);
        return (T)command.ExecuteScalar()!;
    }

    private void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var connection = Connection();
        using var command = SampleDatabase.Command(connection, sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connection()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>A key that interrupts the change to it when it is read, which is before anything is encrypted with it.</summary>
    private sealed class CancellingKey(ISampleKeySource inner, CancellationTokenSource interruption, bool cancels = false) : ISampleKeySource
    {
        public string Description => inner.Description;

        public byte[] Read()
        {
            byte[] key = inner.Read();
            if (cancels)
                interruption.Cancel();
            return key;
        }
    }
}
