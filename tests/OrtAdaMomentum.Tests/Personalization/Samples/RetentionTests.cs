using Microsoft.Data.Sqlite;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Which samples a full store keeps.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reservoir_keeps_each_sample_that_was_used_with_the_same_probability()
    {
        const int capacity = 60, batch = 20, batches = 10, stores = 60;
        int[] kept = new int[batches];
        for (ulong seed = 1; seed <= stores; seed++)
        {
            using var store = Store($"{seed}.db", capacity, RetentionStrategy.Reservoir, seed);
            for (int number = 0; number <= batches; number++)
            {
                await store.AddAsync([.. Enumerable.Range(0, batch).Select(index => Sample(number, index))], Cancelled);
                var snapshot = await store.TakeSnapshotAsync(Cancelled);
                Assert.InRange(snapshot.Training.Count, Math.Min(capacity, batch * (number + 1)), capacity);
                await store.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);
                if (number < batches)
                    continue;
                // The last batch was new when the others had to make room for it, so all of it is there.
                Assert.Equal(batch, snapshot.Training.Count(static sample => BatchOf(sample) == batches));
                foreach (var sample in snapshot.Training.Where(static sample => BatchOf(sample) < batches))
                    kept[BatchOf(sample)]++;
            }
        }

        Assert.Equal((capacity - batch) * stores, kept.Sum());
        Statistics.Uniform(kept);
    }

    [Fact]
    public async Task A_reservoir_gives_samples_that_no_run_has_used_up_last_but_holds_its_limit()
    {
        using var store = Store("samples.db", 10, RetentionStrategy.Reservoir);
        await store.AddAsync([.. Enumerable.Range(0, 10).Select(static index => Sample(0, index))], Cancelled);
        await store.UseAllAsync(Cancelled);
        await store.AddAsync([.. Enumerable.Range(0, 8).Select(static index => Sample(1, index))], Cancelled);
        Assert.Equal(new SampleCounts(10, 0, 8), await store.CountAsync(Cancelled));

        await store.AddAsync([.. Enumerable.Range(0, 8).Select(static index => Sample(2, index))], Cancelled);

        Assert.Equal(new SampleCounts(10, 0, 10), await store.CountAsync(Cancelled));
    }

    [Theory]
    [InlineData(RetentionStrategy.Oldest)]
    [InlineData(RetentionStrategy.Reservoir)]
    [InlineData(RetentionStrategy.ClassBalanced)]
    public async Task Samples_that_come_while_a_run_holds_a_full_store_stay_and_make_room_when_it_ends(RetentionStrategy strategy)
    {
        using var store = Store("samples.db", 10, strategy);
        await store.AddAsync([.. Enumerable.Range(0, 10).Select(static index => Sample(0, index))], Cancelled);
        var run = await store.TakeSnapshotAsync(Cancelled);

        await store.AddAsync([.. Enumerable.Range(0, 4).Select(static index => Sample(1, index))], Cancelled);
        await store.AddAsync([.. Enumerable.Range(0, 2).Select(static index => Sample(2, index))], Cancelled);
        Assert.Equal(new SampleCounts(16, 0, 6), await store.CountAsync(Cancelled));

        await store.ReleaseSnapshotAsync(run.Id, used: true, Cancelled);
        Assert.Equal(new SampleCounts(10, 0, 6), await store.CountAsync(Cancelled));
    }

    [Theory]
    [InlineData(RetentionStrategy.Reservoir)]
    [InlineData(RetentionStrategy.ClassBalanced)]
    public async Task What_is_held_out_keeps_its_share(RetentionStrategy strategy)
    {
        using var store = Store("samples.db", 50, strategy);
        for (int number = 0; number < 20; number++)
        {
            await store.AddAsync([.. Enumerable.Range(0, 25).Select(index => Sample(number, index, role: index % 5 == 0 ? SampleRole.HeldOut : SampleRole.Training))], Cancelled);
            await store.UseAllAsync(Cancelled);
        }

        Assert.Equal(new SampleCounts(40, 10, 0), await store.CountAsync(Cancelled));
    }

    [Fact]
    public async Task Rare_classes_stay_whole_while_the_largest_make_room()
    {
        using var store = Store("samples.db", 40, RetentionStrategy.ClassBalanced);
        await store.AddAsync([.. Enumerable.Range(0, 6).Select(static index => Sample(0, index, label: 2))], Cancelled);
        await store.UseAllAsync(Cancelled);
        for (int number = 1; number < 20; number++)
        {
            await store.AddAsync([.. Enumerable.Range(0, 20).Select(index => Sample(number, index, label: index % 4 == 0 ? 1 : 0))], Cancelled);
            await store.UseAllAsync(Cancelled);
        }

        var kept = (await store.TakeSnapshotAsync(Cancelled)).Training.CountBy(static sample => sample.Target!.Values<long>()[0]).ToDictionary();
        Assert.Equal(6, kept[2]);
        Assert.Equal(40, kept.Values.Sum());
        // New samples have the room that they need, so that the classes they are of differ by no more than came last.
        Assert.InRange(kept[0] - kept[1], -1, 15);
    }

    [Fact]
    public async Task Within_the_largest_class_each_used_sample_is_kept_with_the_same_probability()
    {
        const int stores = 60;
        int[] kept = new int[8];
        for (ulong seed = 1; seed <= stores; seed++)
        {
            using var store = Store($"{seed}.db", 40, RetentionStrategy.ClassBalanced, seed);
            await store.AddAsync([.. Enumerable.Range(0, 10).Select(static index => Sample(99, index, label: 1))], Cancelled);
            for (int number = 0; number < kept.Length; number++)
            {
                await store.UseAllAsync(Cancelled);
                await store.AddAsync([.. Enumerable.Range(0, 15).Select(index => Sample(number, index))], Cancelled);
            }

            foreach (var sample in (await store.TakeSnapshotAsync(Cancelled)).Training.Where(static sample => BatchOf(sample) < 7))
                kept[BatchOf(sample)]++;
        }

        Assert.Equal(0, kept[7]);
        Assert.Equal(15 * stores, kept.Sum());
        Statistics.Uniform(kept[..7]);
    }

    [Fact]
    public async Task The_same_samples_are_kept_wherever_the_same_samples_came()
    {
        string[][] kept = new string[2][];
        for (int copy = 0; copy < 2; copy++)
        {
            using var store = Store($"{copy}.db", 20, RetentionStrategy.Reservoir);
            for (int number = 0; number < 5; number++)
            {
                await store.AddAsync([.. Enumerable.Range(0, 10).Select(index => Sample(number, index))], Cancelled);
                await store.UseAllAsync(Cancelled);
                store.Reopen();
            }

            kept[copy] = [.. (await store.TakeSnapshotAsync(Cancelled)).Training.Select(static sample => sample.Key)];
        }

        Assert.Equal(kept[0], kept[1]);
    }

    [Fact]
    public async Task Changed_limits_are_held_with_the_next_samples()
    {
        using var store = Store("samples.db", 40, RetentionStrategy.Reservoir);
        await store.AddAsync([.. Enumerable.Range(0, 40).Select(static index => Sample(0, index))], Cancelled);
        await store.UseAllAsync(Cancelled);

        store.Limits = new SampleLimits(5) { Retention = RetentionStrategy.ClassBalanced };
        await store.AddAsync([Sample(1, 0)], Cancelled);

        Assert.Equal(5, (await store.CountAsync(Cancelled)).Total);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Limits = new SampleLimits(0));
    }

    private static StoredSample Sample(int batch, int index, long label = 0, SampleRole role = SampleRole.Training) =>
        new(new Sample("x", SampleTensor.Of<float>([batch, index], 2), SampleTensor.Scalar(label), $"{batch}/{index}"), role);

    private static int BatchOf(Sample sample) => (int)sample.Inputs["x"].Values<float>()[0];

    // Nothing has to outlast the machine here, and many stores are filled.
    private static void Unsafe(SqliteConnection connection)
    {
        using var command = SampleDatabase.Command(connection, "PRAGMA synchronous = OFF");
        command.ExecuteNonQuery();
    }

    private SqliteSampleStore Store(string name, int capacity, RetentionStrategy strategy, ulong seed = 1) =>
        new(_folder[name], new SampleLimits(capacity) { Retention = strategy }, TimeProvider.System, Unsafe, seed);
}
