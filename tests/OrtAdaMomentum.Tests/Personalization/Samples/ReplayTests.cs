using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Which old samples a run trains on again.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => Stores.Kinds;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task New_and_held_out_samples_are_always_there_and_old_ones_up_to_the_limit(string kind)
    {
        var store = Stores.Of(kind, _folder);
        using var closing = store as IDisposable;
        await store.AddAsync([.. StoredSamples.Tiny(20), .. StoredSamples.Tiny(5, seed: 2).Select(static sample => sample with { Role = SampleRole.HeldOut })], Cancelled);
        await store.UseAllAsync(Cancelled);
        var fresh = StoredSamples.Tiny(7, seed: 3);
        await store.AddAsync(fresh, Cancelled);

        var snapshot = await store.TakeSnapshotAsync(new SampleSelection(4, ReplayStrategy.Newest, 1), Cancelled);

        string[] expected = [.. StoredSamples.Tiny(20).TakeLast(4).Concat(fresh).Select(static sample => sample.Sample.Key)];
        Assert.Equal(expected, snapshot.Training.Select(static sample => sample.Key));
        Assert.Equal(5, snapshot.HeldOut.Count);
        // Those that were left out are old samples like others afterwards.
        await store.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);
        Assert.Equal(27, (await store.TakeSnapshotAsync(Cancelled)).Training.Count);
    }

    [Theory]
    [InlineData(ReplayStrategy.Reservoir)]
    [InlineData(ReplayStrategy.ClassBalanced)]
    public async Task The_choice_is_fixed_in_the_snapshot_and_the_same_for_the_same_seed(ReplayStrategy strategy)
    {
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(1000));
        await store.AddAsync(StoredSamples.Tiny(200), Cancelled);
        await store.UseAllAsync(Cancelled);

        var first = await store.TakeSnapshotAsync(new SampleSelection(40, strategy, 7), Cancelled);
        Assert.Equal(40, first.Training.Count);
        store.Reopen();
        Assert.Equal(Keys(first), Keys((await store.FindSnapshotAsync(first.Id, Cancelled))!));
        Assert.Equal(Keys(first), Keys(await store.TakeSnapshotAsync(new SampleSelection(40, strategy, 7), Cancelled)));
        Assert.NotEqual(Keys(first), Keys(await store.TakeSnapshotAsync(new SampleSelection(40, strategy, 8), Cancelled)));
    }

    [Fact]
    public void Each_old_sample_is_chosen_with_the_same_probability()
    {
        const int samples = 50, chosen = 10, seeds = 2000;
        var old = Enumerable.Range(0, samples).Select(static id => new ReplayChoice.Candidate(id, null)).ToList();
        int[] counts = new int[samples];
        for (ulong seed = 0; seed < seeds; seed++)
        {
            foreach (long id in ReplayChoice.Choose(old, [], new SampleSelection(chosen, ReplayStrategy.Reservoir, seed)))
                counts[id]++;
        }

        Assert.Equal(chosen * seeds, counts.Sum());
        Statistics.Uniform(counts);
    }

    [Fact]
    public void Classes_become_as_even_as_old_samples_can_make_them()
    {
        // Old: 50 of class 0, 5 of class 1, 20 of class 2. New: 10 of class 0, 2 of class 2.
        var old = Enumerable.Range(0, 75).Select(static id => new ReplayChoice.Candidate(id, id < 50 ? 0 : id < 55 ? 1 : 2)).ToList();
        long?[] fresh = [.. Enumerable.Repeat<long?>(0, 10), 2, 2];

        Assert.Equal((0, 5, 5), Chosen(10));
        // All three to twelve as far as they go: 2 + 5 + 10; what is left of 18 goes to one class more.
        Assert.Equal((3, 5, 10), Chosen(18));
        Assert.Equal((50, 5, 20), Chosen(75));
        Assert.Equal((0, 0, 0), Chosen(0));

        (int, int, int) Chosen(int most)
        {
            var ids = ReplayChoice.Choose(old, fresh, new SampleSelection(most, ReplayStrategy.ClassBalanced, 1));
            return (ids.Count(static id => id < 50), ids.Count(static id => id is >= 50 and < 55), ids.Count(static id => id >= 55));
        }
    }

    [Fact]
    public void Within_a_class_each_old_sample_is_chosen_with_the_same_probability()
    {
        var old = Enumerable.Range(0, 60).Select(static id => new ReplayChoice.Candidate(id, id % 3 == 0 ? 1 : 0)).ToList();
        int[] counts = new int[60];
        for (ulong seed = 0; seed < 2000; seed++)
        {
            foreach (long id in ReplayChoice.Choose(old, [], new SampleSelection(16, ReplayStrategy.ClassBalanced, seed)))
                counts[id]++;
        }

        Statistics.Uniform([.. counts.Where(static (_, id) => id % 3 == 0)]);
        Statistics.Uniform([.. counts.Where(static (_, id) => id % 3 != 0)]);
        Assert.Equal(8 * 2000, counts.Where(static (_, id) => id % 3 == 0).Sum());
    }

    private static string[] Keys(SampleSnapshot snapshot) => [.. snapshot.Training.Select(static sample => sample.Key)];
}
