using Microsoft.Data.Sqlite;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>How a run reads the samples of its snapshot, which need not all be in memory.</summary>
public sealed class SnapshotReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder["samples.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Memory_does_not_grow_with_the_samples_and_each_is_what_was_stored()
    {
        const int Kilobyte = 1 << 10;
        using var store = Open(new SnapshotMemory(Kept: 20 * Kilobyte, Recent: 10 * Kilobyte));
        var samples = StoredSamples.Large(200, numbers: 256);
        await store.AddAsync(samples, Cancelled);

        var training = (await store.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(200, training.Count);
        var places = Enumerable.Range(0, 200).ToArray();
        new Random(1).Shuffle(places);
        foreach (int place in places.Concat(places.Take(20)))
            Assert.Equal(samples[place].Sample.Inputs["x"].Bytes.ToArray(), training[place].Inputs["x"].Bytes.ToArray());
        Assert.Equal(samples.Select(static sample => sample.Sample.Key), training.Select(static sample => sample.Key));

        Assert.InRange(Held(training), 20 * Kilobyte, 30 * Kilobyte);
        // The same object: what is asked for column by column is read once.
        Assert.Same(training[150], training[150]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public async Task A_sample_stays_what_it_was_for_the_run_when_it_is_corrected_meanwhile(int kept)
    {
        using var store = Open(new SnapshotMemory(kept, Recent: 0), capacity: 8);
        await store.AddAsync([.. TinyClassifier.Samples(6).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        var before = snapshot.Training[2];
        long label = before.Target!.Values<long>()[0];

        await store.CorrectAsync(before.Key, SampleTensor.Scalar(1 - label), Cancelled);
        await store.CorrectAsync(before.Key, SampleTensor.Scalar(label), Cancelled);
        await store.CorrectAsync(before.Key, SampleTensor.Scalar(1 - label), Cancelled);
        Assert.Equal(label, snapshot.Training[2].Target!.Values<long>()[0]);

        // It is not given up for others either, though the run could not begin with it any more.
        await store.AddAsync([.. TinyClassifier.Samples(20, seed: 2).Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        Assert.Equal(before.Inputs["x"].Bytes.ToArray(), snapshot.Training[2].Inputs["x"].Bytes.ToArray());
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        await store.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);
        Assert.Contains((await store.TakeSnapshotAsync(Cancelled)).Training, static sample => sample.IsLabelled);
    }

    [Fact]
    public async Task A_sample_that_was_forgotten_cannot_be_read_any_more()
    {
        using var store = Open(new SnapshotMemory(0, 0));
        var own = new Sample("x", SampleTensor.Of<float>([1, 2], 2), SampleTensor.Scalar(0L)) { Subject = "ann" };
        await store.AddAsync([new StoredSample(own, SampleRole.Training), .. StoredSamples.Tiny(2)], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        await store.ForgetSubjectAsync("ann", Cancelled);

        Assert.Contains("its subject was forgotten", Assert.Throws<SampleStoreException>(() => snapshot.Training[0]).Message, StringComparison.Ordinal);
        Assert.All([1, 2], place => Assert.True(snapshot.Training[place].IsLabelled));
        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
    }

    [Fact]
    public async Task A_snapshot_that_was_not_taken_to_its_end_leaves_its_samples_new()
    {
        using var store = Open(SnapshotMemory.Default);
        await store.AddAsync(StoredSamples.Tiny(5), Cancelled);
        store.Reopen();
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO snapshots (id, samples) VALUES ('half', -1); INSERT INTO snapshot_samples SELECT 'half', id, 1 FROM samples";
            command.ExecuteNonQuery();
        }

        Assert.Equal(5, (await store.CountAsync(Cancelled)).New);
        Assert.Null(await store.FindSnapshotAsync("half", Cancelled));
        Assert.Equal(5, (await store.TakeSnapshotAsync(Cancelled)).Training.Count);
        Assert.Equal(0, (await store.CountAsync(Cancelled)).New);
        await store.ReleaseSnapshotAsync("half", used: false, Cancelled);
        Assert.Equal(0, (await store.CountAsync(Cancelled)).New);
    }

    [Fact]
    public async Task A_run_comes_to_the_same_model_whether_its_samples_are_in_memory_or_read()
    {
        using var store = Open(new SnapshotMemory(Kept: 1 << 10, Recent: 1 << 10));
        await store.AddAsync(
            [.. TinyClassifier.Samples(200).Select(static (sample, index) => new StoredSample(sample, index % 5 == 0 ? SampleRole.HeldOut : SampleRole.Training))], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        string model = TinyClassifier.Write(_folder);
        var engine = new TrainingEngine(
            new CurrentOptions(new FineTuningServiceOptions { ModelPath = model, Threads = 1, Epochs = 3, BatchSize = 16, LearningRate = 0.05 }), TimeProvider.System);
        byte[] bytes = await System.IO.File.ReadAllBytesAsync(model, Cancelled);
        var schema = engine.Describe(bytes);

        byte[] read = await TrainAsync("read", snapshot.Training, snapshot.HeldOut);
        byte[] whole = await TrainAsync("whole", [.. snapshot.Training], [.. snapshot.HeldOut]);
        Assert.Equal(whole, read);
        Assert.NotEqual(bytes, read);

        async Task<byte[]> TrainAsync(string name, IReadOnlyList<Sample> training, IReadOnlyList<Sample> heldOut)
        {
            var job = new TrainingJob(
                bytes, new SampleDataset(schema, training), new SampleDataset(schema, heldOut), 7, _folder[name + ".checkpoint"], _folder[name + ".onnx"]);
            await engine.TrainAsync(job, static _ => { }, Cancelled);
            return await System.IO.File.ReadAllBytesAsync(_folder[name + ".onnx"], Cancelled);
        }
    }

    [Fact]
    public async Task Samples_are_picked_without_being_read_whole()
    {
        using var store = Open(new SnapshotMemory(0, 0));
        await store.AddAsync(StoredSamples.Tiny(30), Cancelled);
        var all = (await store.TakeSnapshotAsync(Cancelled)).Training;

        var (positive, others) = PickedSamples.Split(all, static sample => sample.Target!.Values<long>()[0] == 1);
        Assert.Equal(all.Where(static sample => sample.Target!.Values<long>()[0] == 1).Select(static sample => sample.Key), positive.Select(static sample => sample.Key));
        Assert.Equal(30, positive.Count + others.Count);
        Assert.Equal(others.Select(static sample => sample.Key), Enumerable.Range(0, others.Count).Select(place => others[place].Key));
        Assert.Same(all, PickedSamples.Split(all, static _ => true).Picked);
        Assert.Equal(0, Held(all));
    }

    private static long Held(IReadOnlyList<Sample> samples) => ((SnapshotContent.List)samples).Source.Held;

    private SqliteSampleStore Open(SnapshotMemory memory, int capacity = 1000) =>
        new(File, new SampleLimits(capacity), TimeProvider.System, opened: null, memory: memory);
}
