using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Damaged pages, and what can be copied from a file that has them.</summary>
public sealed class SampleSalvageTests : IDisposable
{
    private const int Page = 4096;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damage_is_reported_with_what_to_do_and_the_file_is_left_as_it_is()
    {
        await Fill(400);
        Spoil(from: 10, pages: 30);
        byte[] damaged = System.IO.File.ReadAllBytes(File);
        using var store = new SqliteSampleStore(File, new SampleLimits(1000), _time);

        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.TakeSnapshotAsync(Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Damaged, refusal.Problem);
        Assert.Contains("SalvageAsync", refusal.Message, StringComparison.Ordinal);

        // What would be added now might not be found again.
        refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Damaged, refusal.Problem);
        store.Dispose();
        Assert.Equal(damaged, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task What_can_be_read_is_copied_and_takes_the_place_of_the_damaged_file_while_the_store_waits()
    {
        var samples = await Fill(400);
        Spoil(from: 10, pages: 30);
        using var store = new SqliteSampleStore(File, new SampleLimits(1000), _time);
        await Assert.ThrowsAsync<SampleStoreException>(() => store.TakeSnapshotAsync(Cancelled).AsTask());
        await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());

        System.IO.File.Move(File, _folder["damaged.db"]);
        var result = await SqliteSampleStore.SalvageAsync(_folder["damaged.db"], File, Cancelled);
        _time.Advance(TimeSpan.FromMinutes(1));

        // 30 pages hold at most 30 samples of one page each, and one that is spread over both sides at either end.
        Assert.InRange(result.Copied, 340, 399);
        Assert.Equal(400, result.Copied + result.Damaged + result.Unreadable);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(result.Copied, snapshot.Training.Count);
        var originals = samples.ToDictionary(static sample => sample.Sample.Key, static sample => sample.Sample);
        Assert.All(snapshot.Training, sample => Assert.Equal(originals[sample.Key].Inputs["x"].Bytes.ToArray(), sample.Inputs["x"].Bytes.ToArray()));
    }

    [Fact]
    public async Task A_sound_file_is_copied_whole_with_subjects_roles_and_what_is_new()
    {
        StoredSample[] samples =
        [
            .. TinyClassifier.Samples(6).Select(static (sample, index) => new StoredSample(
                new Sample(sample.Inputs, sample.Target) { Subject = $"subject {index}" }, index % 2 == 0 ? SampleRole.Training : SampleRole.HeldOut)),
        ];
        using (var store = new SqliteSampleStore(File, new SampleLimits(100)))
        {
            await store.AddAsync(samples[..4], Cancelled);
            await store.ReleaseSnapshotAsync((await store.TakeSnapshotAsync(Cancelled)).Id, used: true, Cancelled);
            await store.AddAsync(samples[4..], Cancelled);
            await store.TakeSnapshotAsync(Cancelled);
        }

        Assert.Equal(new SalvageResult(6, 0, 0), await SqliteSampleStore.SalvageAsync(File, _folder["new.db"], Cancelled));

        using var copy = new SqliteSampleStore(_folder["new.db"], new SampleLimits(100));
        Assert.Equal(new SampleCounts(3, 3, 2), await copy.CountAsync(Cancelled));
        Assert.Equal(1, await copy.ForgetSubjectAsync("subject 3", Cancelled));
    }

    [Fact]
    public async Task A_file_whose_first_page_is_gone_is_refused_and_nothing_is_left_behind()
    {
        await Fill(20);
        Spoil(from: 0, pages: 1);

        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => SqliteSampleStore.SalvageAsync(File, _folder["new.db"], Cancelled));

        Assert.Equal(SampleStoreProblem.Damaged, refusal.Problem);
        Assert.False(System.IO.File.Exists(_folder["new.db"]));
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_written_over()
    {
        await Fill(1);
        System.IO.File.WriteAllText(_folder["new.db"], "mine");

        await Assert.ThrowsAsync<IOException>(() => SqliteSampleStore.SalvageAsync(File, _folder["new.db"], Cancelled));

        Assert.Equal("mine", System.IO.File.ReadAllText(_folder["new.db"]));
    }

    private async Task<StoredSample[]> Fill(int count)
    {
        var samples = StoredSamples.Large(count);
        using var store = new SqliteSampleStore(File, new SampleLimits(1000), _time);
        await store.AddAsync(samples, Cancelled);
        return samples;
    }

    private void Spoil(int from, int pages)
    {
        using var file = System.IO.File.OpenWrite(File);
        file.Position = from * Page;
        byte[] rubbish = new byte[pages * Page];
        new Random(1).NextBytes(rubbish);
        file.Write(rubbish);
    }
}
