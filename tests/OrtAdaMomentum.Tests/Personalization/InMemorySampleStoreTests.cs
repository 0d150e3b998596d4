using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public class InMemorySampleStoreTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roles_never_mix_in_a_snapshot()
    {
        var store = new InMemorySampleStore(1000);
        var samples = TinyClassifier.Samples(500).ToList();
        // Twice, the second time as if the share had been changed in between: what is stored keeps its role.
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleSplit.RoleOf(sample.Key, 0.2)))], Cancelled);
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleSplit.RoleOf(sample.Key, 0.5)))], Cancelled);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(500, snapshot.Training.Count + snapshot.HeldOut.Count);
        Assert.Empty(snapshot.Training.Select(static sample => sample.Key).Intersect(snapshot.HeldOut.Select(static sample => sample.Key)));
        Assert.All(snapshot.HeldOut, static sample => Assert.Equal(SampleRole.HeldOut, SampleSplit.RoleOf(sample.Key, 0.2)));
        Assert.All(snapshot.Training, static sample => Assert.Equal(SampleRole.Training, SampleSplit.RoleOf(sample.Key, 0.2)));
    }

    [Fact]
    public async Task The_oldest_samples_go_when_it_is_full()
    {
        var store = new InMemorySampleStore(3);
        var samples = TinyClassifier.Samples(5).Select(static (sample, index) => new StoredSample(sample, index == 0 ? SampleRole.HeldOut : SampleRole.Training)).ToList();

        Assert.Equal(5, await store.AddAsync(samples, Cancelled));
        Assert.Equal(new SampleCounts(3, 0, 3), await store.CountAsync(Cancelled));
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(samples.Skip(2).Select(static sample => sample.Sample), snapshot.Training);
    }

    [Fact]
    public async Task A_snapshot_stays_as_it_was_until_it_is_released()
    {
        var store = new InMemorySampleStore(3);
        await store.AddAsync([.. TinyClassifier.Samples(3).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(0, (await store.CountAsync(Cancelled)).New);
        await store.AddAsync([.. TinyClassifier.Samples(3, seed: 2).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        Assert.Equal(3, (await store.CountAsync(Cancelled)).New);

        var found = await store.FindSnapshotAsync(snapshot.Id, Cancelled);
        Assert.Equal(snapshot.Training, found!.Training);

        await store.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        await store.ReleaseSnapshotAsync("unknown", used: true, Cancelled);
    }

    [Fact]
    public async Task The_samples_of_a_snapshot_that_was_not_used_count_as_new_again()
    {
        var store = new InMemorySampleStore(10);
        await store.AddAsync([.. TinyClassifier.Samples(3).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        await store.AddAsync([.. TinyClassifier.Samples(2, seed: 2).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        await store.ReleaseSnapshotAsync(snapshot.Id, used: false, Cancelled);

        Assert.Equal(5, (await store.CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task A_forgotten_subject_takes_its_samples_and_the_snapshots_that_hold_them_along()
    {
        var store = new InMemorySampleStore(10);
        var own = new Sample("x", SampleTensor.Scalar(1f), SampleTensor.Scalar(0L), "own") { Subject = "subject" };
        await store.AddAsync([.. TinyClassifier.Samples(3).Append(own).Select(static sample => new StoredSample(sample, SampleRole.HeldOut))], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.Equal(1, await store.ForgetSubjectAsync("subject", Cancelled));

        Assert.Equal(new SampleCounts(0, 3, 0), await store.CountAsync(Cancelled));
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Assert.Equal(1, await store.AddAsync([new StoredSample(own, SampleRole.HeldOut)], Cancelled));
    }

    [Fact]
    public async Task A_corrected_sample_counts_as_new_once()
    {
        var store = new InMemorySampleStore(10);
        var samples = TinyClassifier.Samples(3).ToList();
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        Assert.NotNull(await store.CorrectAsync(samples[1].Key, SampleTensor.Scalar(1L), Cancelled));
        Assert.Equal(3, (await store.CountAsync(Cancelled)).New);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.NotNull(await store.CorrectAsync(samples[1].Key, SampleTensor.Scalar(0L), Cancelled));
        Assert.Null(await store.CorrectAsync("unknown", SampleTensor.Scalar(0L), Cancelled));

        Assert.Equal(1, (await store.CountAsync(Cancelled)).New);
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
    }
}
