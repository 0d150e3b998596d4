using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>What a store does when its key is missing, another one, or changed.</summary>
public sealed class SampleKeyTests : EncryptedStore
{
    [Fact]
    public async Task A_missing_key_touches_nothing_and_the_store_works_when_it_is_back()
    {
        System.IO.File.Move(Keys["key"], Keys["elsewhere"]);
        using (var store = Store(Key))
            await Refused(store, "key");
        Assert.False(System.IO.File.Exists(File));
        System.IO.File.Move(Keys["elsewhere"], Keys["key"]);
        using (var store = Store(Key))
            await store.AddAsync([Person("Ada Example", 1)], Cancelled);

        byte[] before = System.IO.File.ReadAllBytes(File);
        System.IO.File.Move(Keys["key"], Keys["elsewhere"]);
        using var again = Store(Key);
        await Refused(again, Keys["key"]);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));

        System.IO.File.Move(Keys["elsewhere"], Keys["key"]);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await again.AddAsync([Person("Ada Example", 1)], Cancelled));
    }

    [Fact]
    public async Task Another_key_or_none_is_refused()
    {
        using (var store = Store(Key))
            await store.AddAsync([Person("Ada Example", 1)], Cancelled);
        byte[] before = System.IO.File.ReadAllBytes(File);

        using (var store = Store(KeyFile.Create(Keys["other"])))
            await Refused(store, Keys["other"]);
        using (var store = Store(null))
            await Refused(store, "no key is given");

        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        using var again = Store(Key);
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
            Assert.True(Folder.Holds(Secret));
        }

        using (var store = Store(Key))
        {
            Assert.Equal(302, (await store.CountAsync(Cancelled)).Total);
            Assert.False(Folder.Holds(Secret));
            Assert.False(Folder.Holds("Example"u8));
            Assert.False(Folder.Holds("portrait"u8));
            Assert.Equal(keys, (await store.FindSnapshotAsync(running, Cancelled))!.Training.Select(static sample => sample.Key));
            Assert.Equal(1, await store.ForgetSubjectAsync("Ada Example", Cancelled));
        }

        Assert.False(Folder.Holds("portrait"u8));
    }

    [Fact]
    public async Task Another_key_takes_the_place_of_the_first_with_all_samples()
    {
        var next = KeyFile.Create(Keys["next"]);
        var samples = StoredSamples.Tiny(300);
        using (var store = Store(Key))
        {
            await store.AddAsync([Person("Ada Example", 1), .. samples], Cancelled);
            await store.RotateKeyAsync(next, Cancelled);
            Assert.Same(next, store.Encryption);
            Assert.Equal(0, await store.AddAsync(samples, Cancelled));
            store.Reopen();
            Assert.Equal(301, (await store.CountAsync(Cancelled)).Total);
        }

        using (var store = Store(Key))
            await Refused(store, Keys["key"]);
        Assert.Equal(1L, Column<long>("SELECT count(*) FROM keys"));
        using var again = Store(next);
        var read = (await again.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(["portrait 1", .. samples.Select(static sample => sample.Sample.Key)], read.Select(static sample => sample.Key));
        Assert.Equal(1, await again.ForgetSubjectAsync("Ada Example", Cancelled));
    }

    [Fact]
    public async Task An_interrupted_change_of_the_key_goes_on_and_the_store_is_used_meanwhile()
    {
        var next = KeyFile.Create(Keys["next"]);
        var samples = StoredSamples.Tiny(300);
        using var interruption = new CancellationTokenSource();
        using (var store = Store(new CancellingKey(Key, interruption)))
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

        using (var store = Store(Key))
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
        using (var store = Store(Key))
            await store.AddAsync([Person("Ada Example", 1), .. StoredSamples.Tiny(20)], Cancelled);
        if (keysAreLost)
            Execute("DELETE FROM keys");

        Assert.Equal(new SalvageResult(21, 0, 0), await SqliteSampleStore.SalvageAsync(File, Folder["new.db"], Cancelled));

        using (var other = new SqliteSampleStore(Folder["new.db"], new SampleLimits(1000)) { Encryption = KeyFile.Create(Keys["other"]) })
            await Refused(other, "other");
        using var again = new SqliteSampleStore(Folder["new.db"], new SampleLimits(1000)) { Encryption = Key };
        Assert.Equal(21, (await again.TakeSnapshotAsync(Cancelled)).Training.Count);
        Assert.Equal(1, await again.ForgetSubjectAsync("Ada Example", Cancelled));
    }

    [Fact]
    public async Task The_service_shows_a_missing_key_until_it_is_back()
    {
        System.IO.File.Move(Keys["key"], Keys["elsewhere"]);
        await using var host = await ServiceHost.StartAsync(Folder, options =>
        {
            options.Encryption.Source = EncryptionSource.KeyFile;
            options.Encryption.Path = Keys["key"];
        });
        var sample = TinyClassifier.Samples(1).Single();
        await Assert.ThrowsAsync<SampleStoreException>(() => host.Ingest.AddAsync(sample, Cancelled).AsTask());
        Assert.Contains(Keys["key"], Assert.Single(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleKey).Message, StringComparison.Ordinal);

        System.IO.File.Move(Keys["elsewhere"], Keys["key"]);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.Ingest.AddAsync(sample, Cancelled);
        Assert.DoesNotContain(host.Monitor.Problems, static problem => problem.Kind == FineTuningProblemKind.SampleKey);
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
