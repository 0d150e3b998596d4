using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Faults, made for real: none takes the store down, and it works again when the cause is gone.</summary>
public sealed class SampleStoreFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_of_another_program_is_refused_left_as_it_is_and_not_in_the_way_when_it_is_gone()
    {
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE notes (text TEXT)";
            command.ExecuteNonQuery();
        }

        byte[] before = System.IO.File.ReadAllBytes(File);
        using var store = Store();
        await Refused(store, SampleStoreProblem.Foreign);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));

        System.IO.File.Move(File, _folder["notes.db"]);
        await Works(store);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        using var store = Store();

        await Refused(store, SampleStoreProblem.Damaged);

        Assert.Equal(new string('x', 5000), System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        using (var store = Store())
            await store.AddAsync(StoredSamples.Tiny(1), Cancelled);
        Execute("PRAGMA user_version = 99");

        using var again = Store();
        var refusal = await Refused(again, SampleStoreProblem.NewerVersion);
        Assert.Contains("99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_tried_again_after_a_second_and_not_before()
    {
        Directory.CreateDirectory(File);
        using var store = Store();
        await Refused(store, SampleStoreProblem.NotWritable);

        Directory.Delete(File);
        await Refused(store, SampleStoreProblem.NotWritable);
        // The clock is no measure of what has passed: it may be set back.
        _time.Advance(TimeSpan.FromSeconds(1));
        await Works(store);
    }

    [Fact]
    public async Task A_full_database_refuses_samples_whole_and_keeps_those_it_has()
    {
        long pages = 200;
        using var store = new SqliteSampleStore(File, new SampleLimits(10_000), _time, connection => Limit(connection, pages));
        int stored = 0;
        SampleStoreException? refusal = null;
        while (refusal is null)
        {
            try
            {
                stored += await store.AddAsync(StoredSamples.Large(10, seed: stored), Cancelled);
            }
            catch (SampleStoreException full)
            {
                refusal = full;
            }
        }

        Assert.Equal(SampleStoreProblem.DiskFull, refusal.Problem);
        Assert.InRange(stored, 10, 500);
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False;Mode=ReadOnly"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "SELECT count(*) FROM samples";
            Assert.Equal((long)stored, command.ExecuteScalar());
        }

        pages = 10_000;
        store.Reopen();
        Assert.Equal(10, await store.AddAsync(StoredSamples.Large(10, seed: stored), Cancelled));
        Assert.Equal(stored + 10, (await store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_full_disk_refuses_samples_and_takes_them_again_when_there_is_room()
    {
        using var disk = new SmallDisk(kibibytes: 2048);
        using var store = new SqliteSampleStore(disk["samples.db"], new SampleLimits(10_000), _time);
        await store.AddAsync(StoredSamples.Large(20), Cancelled);
        disk.Fill("filler");

        await Assert.ThrowsAsync<SampleStoreException>(async () =>
        {
            for (int seed = 2; seed < 100; seed++)
                await store.AddAsync(StoredSamples.Large(20, seed: seed), Cancelled);
        });
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Large(200, seed: 100), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.DiskFull, refusal.Problem);
        Assert.Contains("Make room", refusal.Message, StringComparison.Ordinal);
        // What only reads does not make it seem that the fault is over.
        await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());

        System.IO.File.Delete(disk["filler"]);
        Assert.Equal(20, await store.AddAsync(StoredSamples.Large(20, seed: 101), Cancelled));
        int kept = (await store.CountAsync(Cancelled)).Total;
        store.Dispose();
        using var again = new SqliteSampleStore(disk["samples.db"], new SampleLimits(10_000), _time);
        Assert.Equal(0, await again.AddAsync(StoredSamples.Large(20), Cancelled));
        Assert.Equal(0, await again.AddAsync(StoredSamples.Large(20, seed: 101), Cancelled));
        Assert.Equal(kept, (await again.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_store_that_starts_on_a_full_disk_works_when_there_is_room()
    {
        using var disk = new SmallDisk(kibibytes: 1024);
        disk.Fill("filler");
        using var store = new SqliteSampleStore(disk["samples.db"], new SampleLimits(100), _time);
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.DiskFull, refusal.Problem);

        System.IO.File.Delete(disk["filler"]);
        await Works(store);
    }

    [Fact]
    public async Task A_disk_that_becomes_read_only_refuses_samples_until_it_is_writable_again()
    {
        using var disk = new SmallDisk(kibibytes: 4096);
        using (var store = new SqliteSampleStore(disk["samples.db"], new SampleLimits(100), _time))
            await store.AddAsync(StoredSamples.Tiny(3), Cancelled);
        disk.MakeReadOnly();

        using var again = new SqliteSampleStore(disk["samples.db"], new SampleLimits(100), _time);
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => again.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.NotWritable, refusal.Problem);
        Assert.Contains(disk["samples.db"], refusal.Message, StringComparison.Ordinal);

        disk.MakeWritable();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await again.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled));
        Assert.Equal(4, (await again.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_connection_that_may_not_write_is_left_for_one_that_may()
    {
        bool readOnly = false;
        SqliteConnection? open = null;
        using var store = new SqliteSampleStore(File, new SampleLimits(100), _time, connection =>
        {
            open = connection;
            if (readOnly)
                Execute(connection, "PRAGMA query_only = ON");
        });
        await store.AddAsync(StoredSamples.Tiny(2), Cancelled);
        readOnly = true;
        Execute(open!, "PRAGMA query_only = ON");
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.NotWritable, refusal.Problem);
        await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());

        readOnly = false;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_file_that_is_removed_while_it_is_open_is_told_and_a_new_one_started()
    {
        using var store = Store();
        await store.AddAsync(StoredSamples.Tiny(3), Cancelled);
        System.IO.File.Delete(File);

        await Refused(store, SampleStoreProblem.Gone);
        Assert.Equal(1, await store.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled));
        Assert.True(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_loses_no_sample_and_ages_them_from_then_on()
    {
        // A fake clock cannot be set back, so the store is opened with an earlier one.
        var limits = new SampleLimits(100, Age: TimeSpan.FromDays(30));
        var ahead = new FakeTimeProvider(new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using (var store = new SqliteSampleStore(File, limits, ahead))
            await store.AddAsync(StoredSamples.Tiny(3), Cancelled);

        var right = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var again = new SqliteSampleStore(File, limits, right);
        await again.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled);
        Assert.Equal(4, (await again.CountAsync(Cancelled)).Total);

        right.Advance(TimeSpan.FromDays(31));
        await again.AddAsync(StoredSamples.Tiny(1, seed: 3), Cancelled);
        Assert.Equal(1, (await again.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Snapshots_that_a_process_left_are_given_back_but_for_the_one_that_goes_on()
    {
        using var store = Store();
        await store.AddAsync(StoredSamples.Tiny(3), Cancelled);
        var left = await store.TakeSnapshotAsync(Cancelled);
        await store.AddAsync(StoredSamples.Tiny(2, seed: 2), Cancelled);
        var goesOn = await store.TakeSnapshotAsync(Cancelled);

        await store.ReleaseOtherSnapshotsAsync(goesOn.Id, Cancelled);
        Assert.Equal(3, (await store.CountAsync(Cancelled)).New);
        Assert.Null(await store.FindSnapshotAsync(left.Id, Cancelled));
        Assert.NotNull(await store.FindSnapshotAsync(goesOn.Id, Cancelled));

        await store.ReleaseOtherSnapshotsAsync(null, Cancelled);
        Assert.Equal(5, (await store.CountAsync(Cancelled)).New);
    }

    private static void Limit(SqliteConnection connection, long pages) => Execute(connection, $"PRAGMA max_page_count = {pages}");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        Execute(connection, sql);
    }

    private SqliteSampleStore Store() => new(File, new SampleLimits(100), _time);

    private async Task<SampleStoreException> Refused(SqliteSampleStore store, SampleStoreProblem problem)
    {
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1), Cancelled).AsTask());
        Assert.Equal(problem, refusal.Problem);
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    private async Task Works(SqliteSampleStore store)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, await store.AddAsync(StoredSamples.Tiny(5), Cancelled));
        Assert.Equal(5, (await store.CountAsync(Cancelled)).Total);
    }
}
