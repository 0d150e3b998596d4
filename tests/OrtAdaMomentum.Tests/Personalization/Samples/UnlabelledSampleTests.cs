using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples whose target comes later, and where samples come from, in both stores.</summary>
public sealed class UnlabelledSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => Stores.Kinds;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_sample_without_a_target_is_kept_but_not_used_until_it_has_one(string kind)
    {
        var store = Stores.Of(kind, _folder);
        using var closing = store as IDisposable;
        await store.AddAsync([.. StoredSamples.Tiny(3), Unlabelled(1), Unlabelled(2, SampleRole.HeldOut)], Cancelled);

        Assert.Equal(new SampleCounts(3, 0, 3, Unlabelled: 2), await store.CountAsync(Cancelled));
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal((3, 0), (snapshot.Training.Count, snapshot.HeldOut.Count));

        Assert.NotNull(await store.CorrectAsync("unlabelled 1", SampleTensor.Scalar(1L), Cancelled));
        Assert.NotNull(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Assert.Equal(new SampleCounts(4, 0, 1, Unlabelled: 1), await store.CountAsync(Cancelled));
        Assert.NotNull(await store.CorrectAsync("unlabelled 2", SampleTensor.Scalar(0L), Cancelled));
        Assert.Equal(new SampleCounts(4, 1, 2), await store.CountAsync(Cancelled));

        snapshot = await store.TakeSnapshotAsync(Cancelled);
        var labelled = Assert.Single(snapshot.Training, static sample => sample.Key == "unlabelled 1");
        Assert.Equal(1L, labelled.Target!.Values<long>()[0]);
        Assert.Equal([1f, 1f], labelled.Inputs["x"].Values<float>().ToArray());
        Assert.Equal("unlabelled 2", Assert.Single(snapshot.HeldOut).Key);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Samples_without_a_target_take_no_more_than_a_quarter_of_the_room(string kind)
    {
        var store = Stores.Of(kind, _folder, capacity: 8);
        using var closing = store as IDisposable;
        await store.AddAsync([.. StoredSamples.Tiny(4), .. Enumerable.Range(0, 5).Select(static number => Unlabelled(number))], Cancelled);

        Assert.Equal(new SampleCounts(4, 0, 4, Unlabelled: 2), await store.CountAsync(Cancelled));
        Assert.Null(await store.CorrectAsync("unlabelled 2", SampleTensor.Scalar(1L), Cancelled));
        Assert.NotNull(await store.CorrectAsync("unlabelled 3", SampleTensor.Scalar(1L), Cancelled));

        // One that got its target takes no room of theirs any more.
        await store.AddAsync([Unlabelled(6)], Cancelled);
        Assert.Equal(new SampleCounts(5, 0, 5, Unlabelled: 2), await store.CountAsync(Cancelled));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Samples_are_counted_by_what_brought_them(string kind)
    {
        var store = Stores.Of(kind, _folder);
        using var closing = store as IDisposable;
        await store.AddAsync([.. StoredSamples.Tiny(2), Of("camera-1", 1), Of("camera-1", 2), Of("camera-2", 3, SampleRole.HeldOut)], Cancelled);
        await store.UseAllAsync(Cancelled);
        await store.AddAsync([Of("camera-2", 4), Unlabelled(5, source: "camera-2")], Cancelled);

        var counts = await store.CountBySourceAsync(Cancelled);

        Assert.Equal(["", "camera-1", "camera-2"], counts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new SampleCounts(2, 0, 0), counts[""]);
        Assert.Equal(new SampleCounts(2, 0, 0), counts["camera-1"]);
        Assert.Equal(new SampleCounts(1, 1, 1, Unlabelled: 1), counts["camera-2"]);
        await store.CorrectAsync("5", SampleTensor.Scalar(1L), Cancelled);
        Assert.Contains((await store.TakeSnapshotAsync(Cancelled)).Training, static sample => sample is { Key: "5", Source: "camera-2" });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_correction_tells_what_was_changed_and_whether_a_run_knew_it(string kind)
    {
        var store = Stores.Of(kind, _folder);
        using var closing = store as IDisposable;
        await store.AddAsync([Unlabelled(1) with { AnsweredBy = "v3-abc" }], Cancelled);

        var late = await store.CorrectAsync("unlabelled 1", SampleTensor.Scalar(1L), Cancelled);
        Assert.Equal((true, false, "v3-abc", 1L), (late!.IsChanged, late.WasUsed, late.AnsweredBy, late.Sample.Target!.Values<long>()[0]));
        Assert.Equal([1f, 1f], late.Sample.Inputs["x"].Values<float>().ToArray());
        var same = await store.CorrectAsync("unlabelled 1", SampleTensor.Scalar(1L), Cancelled);
        Assert.Equal((false, false), (same!.IsChanged, same.WasUsed));

        await store.UseAllAsync(Cancelled);
        var other = await store.CorrectAsync("unlabelled 1", SampleTensor.Scalar(0L), Cancelled);
        Assert.Equal((true, true, "v3-abc"), (other!.IsChanged, other.WasUsed, other.AnsweredBy));
    }

    [Fact]
    public async Task The_service_takes_a_sample_without_a_target_and_learns_from_it_when_it_has_one()
    {
        await using var host = await ServiceHost.StartAsync(_folder, engine: new FakeEngine());
        await host.AddAsync([Unlabelled(1).Sample]);
        Assert.Equal(new SampleCounts(0, 0, 0, Unlabelled: 1), await host.Get<ISampleStore>().CountAsync(Cancelled));
        await Assert.ThrowsAsync<InvalidSampleException>(() => host.AddAsync([new Sample("x", SampleTensor.Of<float>([float.NaN, 1], 2), null)]));

        Assert.True(await host.Ingest.CorrectAsync("unlabelled 1", SampleTensor.Scalar(1L), Cancelled));
        Assert.Equal(1, (await host.Get<ISampleStore>().CountAsync(Cancelled)).New);
    }

    private static StoredSample Unlabelled(int number, SampleRole role = SampleRole.Training, string? source = null) =>
        new(new Sample("x", SampleTensor.Of<float>([number, 1], 2), target: null, source is null ? $"unlabelled {number}" : $"{number}") { Source = source }, role);

    private static StoredSample Of(string source, int number, SampleRole role = SampleRole.Training) =>
        new(new Sample("x", SampleTensor.Of<float>([number, 2], 2), SampleTensor.Scalar(0L)) { Source = source }, role);
}
