using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class SqliteSampleStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_and_snapshots_are_there_after_the_store_was_opened_again()
    {
        var samples = Samples(10);
        SampleSnapshot taken;
        using (var store = new SqliteSampleStore(File, new SampleLimits(100)))
        {
            Assert.Equal(10, await store.AddAsync(samples, Cancelled));
            taken = await store.TakeSnapshotAsync(Cancelled);
            Assert.Equal(3, await store.AddAsync(Samples(3, seed: 2), Cancelled));
        }

        using var again = new SqliteSampleStore(File, new SampleLimits(100));
        Assert.Equal(new SampleCounts(11, 2, 3), await again.CountAsync(Cancelled));
        var found = await again.FindSnapshotAsync(taken.Id, Cancelled);
        Same(samples.Where(static sample => sample.Role == SampleRole.Training), found!.Training);
        Same(samples.Where(static sample => sample.Role == SampleRole.HeldOut), found.HeldOut);
    }

    [Fact]
    public async Task A_sample_whose_key_is_stored_is_left_out()
    {
        using var store = new SqliteSampleStore(File, new SampleLimits(100));
        await store.AddAsync(Samples(4), Cancelled);

        Assert.Equal(1, await store.AddAsync(Samples(5), Cancelled));
        Assert.Equal(5, (await store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task The_oldest_samples_go_when_it_is_full_but_none_of_a_snapshot()
    {
        using var store = new SqliteSampleStore(File, new SampleLimits(3));
        await store.AddAsync(Samples(2), Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        await store.AddAsync(Samples(4, seed: 2), Cancelled);

        // Three of the four that came since, and beyond the limit the two that the snapshot holds.
        Assert.Equal(5, (await store.CountAsync(Cancelled)).Total);
        Assert.NotNull(await store.FindSnapshotAsync(snapshot.Id, Cancelled));

        await store.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);
        await store.AddAsync(Samples(3, seed: 3), Cancelled);
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Same(Samples(3, seed: 3), [.. (await store.TakeSnapshotAsync(Cancelled)).Training]);
    }

    [Fact]
    public async Task The_oldest_samples_go_when_their_bytes_are_too_many()
    {
        int each = SampleCodec.Write(Samples(1)[0].Sample).Length;
        var limits = new SampleLimits(100, Bytes: (3 * each) + 1);
        using (var store = new SqliteSampleStore(File, limits))
            await store.AddAsync(Samples(2), Cancelled);

        // What the file held before counts too.
        using var again = new SqliteSampleStore(File, limits);
        await again.AddAsync(Samples(2, seed: 2), Cancelled);
        Assert.Equal(3, (await again.CountAsync(Cancelled)).Total);
        await again.AddAsync(Samples(5, seed: 3), Cancelled);
        Same(Samples(5, seed: 3).TakeLast(3), (await again.TakeSnapshotAsync(Cancelled)).Training);
    }

    [Fact]
    public async Task Samples_go_when_they_are_too_old()
    {
        var time = new FakeTimeProvider();
        using var store = new SqliteSampleStore(File, new SampleLimits(100, Age: TimeSpan.FromDays(30)), time);
        await store.AddAsync(Samples(2), Cancelled);
        time.Advance(TimeSpan.FromDays(29));
        await store.AddAsync(Samples(1, seed: 2), Cancelled);
        Assert.Equal(3, (await store.CountAsync(Cancelled)).Total);

        time.Advance(TimeSpan.FromDays(2));
        await store.AddAsync(Samples(1, seed: 3), Cancelled);

        Same([.. Samples(1, seed: 2), .. Samples(1, seed: 3)], (await store.TakeSnapshotAsync(Cancelled)).Training);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 5)]
    public async Task The_samples_of_a_snapshot_that_was_not_used_count_as_new_again(bool used, int expected)
    {
        using var store = new SqliteSampleStore(File, new SampleLimits(100));
        await store.AddAsync(Samples(3), Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        await store.AddAsync(Samples(2, seed: 2), Cancelled);

        await store.ReleaseSnapshotAsync(snapshot.Id, used, Cancelled);
        await store.ReleaseSnapshotAsync("unknown", used, Cancelled);

        Assert.Equal(expected, (await store.CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task A_corrected_sample_keeps_its_role_counts_as_new_and_ends_the_snapshots_that_hold_it()
    {
        var samples = Samples(5);
        string key = samples[4].Sample.Key;
        using var store = new SqliteSampleStore(File, new SampleLimits(100));
        await store.AddAsync(samples, Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.NotNull(await store.CorrectAsync(key, SampleTensor.Scalar(7L), Cancelled));
        Assert.Null(await store.CorrectAsync("unknown", SampleTensor.Scalar(7L), Cancelled));

        Assert.Equal(new SampleCounts(4, 1, 1), await store.CountAsync(Cancelled));
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        var corrected = Assert.Single((await store.TakeSnapshotAsync(Cancelled)).HeldOut);
        Assert.Equal((key, 7L), (corrected.Key, corrected.Target!.Values<long>()[0]));
        Assert.Equal(samples[4].Sample.Inputs.Values.Single().Bytes.ToArray(), corrected.Inputs.Values.Single().Bytes.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_target_again_changes_nothing(bool onDisk)
    {
        using var sqlite = new SqliteSampleStore(File, new SampleLimits(100));
        ISampleStore store = onDisk ? sqlite : new InMemorySampleStore(100);
        var samples = Samples(3);
        await store.AddAsync(samples, Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.NotNull(await store.CorrectAsync(samples[1].Sample.Key, samples[1].Sample.Target!, Cancelled));

        Assert.Equal(0, (await store.CountAsync(Cancelled)).New);
        Assert.NotNull(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
    }

    [Fact]
    public async Task Nothing_of_a_forgotten_subject_is_left_in_the_files()
    {
        byte[] secret = [.. "a face that must go, and a name that goes with it"u8];
        var sample = new Sample("x", SampleTensor.Of<byte>(secret, secret.Length), SampleTensor.Scalar(0L), "of a person") { Subject = "Ada Example" };
        using var store = new SqliteSampleStore(File, new SampleLimits(100));
        await store.AddAsync(Samples(3), Cancelled);
        await store.AddAsync([new StoredSample(sample, SampleRole.Training)], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Contains(snapshot.Training, static read => read.Subject == "Ada Example");
        Assert.True(FilesHold(secret));

        Assert.Equal(1, await store.ForgetSubjectAsync("Ada Example", Cancelled));
        Assert.Equal(0, await store.ForgetSubjectAsync("Ada Example", Cancelled));

        Assert.False(FilesHold(secret));
        Assert.False(FilesHold("Ada Example"u8));
        Assert.False(FilesHold("of a person"u8));
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Assert.Equal(3, (await store.CountAsync(Cancelled)).Total);
    }

    private bool FilesHold(ReadOnlySpan<byte> content)
    {
        foreach (string file in Directory.GetFiles(_folder.Path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (bytes.AsSpan().IndexOf(content) >= 0)
                return true;
        }

        return false;
    }

    private static StoredSample[] Samples(int count, int seed = 1) =>
        [.. TinyClassifier.Samples(count, seed: seed).Select((sample, index) => new StoredSample(sample, seed == 1 && index % 5 == 4 ? SampleRole.HeldOut : SampleRole.Training))];

    private static void Same(IEnumerable<StoredSample> expected, IReadOnlyList<Sample> actual)
    {
        Assert.Equal(expected.Select(static sample => sample.Sample.Key), actual.Select(static sample => sample.Key));
        foreach (var (stored, read) in expected.Zip(actual))
        {
            Assert.Equal(stored.Sample.Target!.Bytes.ToArray(), read.Target!.Bytes.ToArray());
            Assert.Equal(stored.Sample.Inputs.Keys, read.Inputs.Keys);
            Assert.All(stored.Sample.Inputs, input => Assert.Equal(input.Value.Bytes.ToArray(), read.Inputs[input.Key].Bytes.ToArray()));
            Assert.All(stored.Sample.Inputs, input => Assert.Equal(input.Value.ToString(), read.Inputs[input.Key].ToString()));
        }
    }
}
