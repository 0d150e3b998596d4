using Microsoft.Extensions.Logging.Abstractions;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class SampleIngestTests : IDisposable
{
    private readonly FineTuningMetrics _metrics = new();
    private readonly InMemorySampleStore _store = new(1000);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task A_full_queue_makes_those_who_bring_samples_wait()
    {
        var ingest = Opened(capacity: 2);
        var adding = TinyClassifier.Samples(5).Select(sample => ingest.AddAsync(sample, Cancelled).AsTask()).ToList();

        Assert.Equal(2, ingest.Waiting);
        Assert.All(adding, static task => Assert.False(task.IsCompleted));

        var pumping = Pump(_store, ingest);
        await Task.WhenAll(adding);
        ingest.Close();
        await pumping;
        Assert.Equal(5, (await _store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public void A_check_keeps_nothing_and_knows_the_schema_only_while_samples_are_taken()
    {
        var ingest = new SampleIngest(Parts.Options(queueCapacity: 2), _metrics);
        var sample = TinyClassifier.Samples(1).Single();
        Assert.Null(ingest.Schema);
        Assert.Contains("not started yet", Assert.Throws<InvalidOperationException>(() => ingest.Check(sample)).Message, StringComparison.Ordinal);

        ingest.Open(SampleSchema.Of(TinyClassifier.Manifest));
        ingest.Check(sample);
        Assert.Throws<InvalidSampleException>(() => ingest.Check(new Sample("y", sample.Inputs["x"], sample.Target)));
        Assert.Equal(0, ingest.Waiting);
        Assert.Equal("x", Assert.Single(ingest.Schema!.Inputs).Name);

        ingest.Close();
        Assert.Null(ingest.Schema);
        Assert.Contains("has stopped", Assert.Throws<InvalidOperationException>(() => ingest.Check(sample)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_room_can_be_cancelled_and_leaves_nothing_behind()
    {
        var ingest = Opened(capacity: 1);
        var samples = TinyClassifier.Samples(2).ToList();
        using var cancellation = new CancellationTokenSource();
        var first = ingest.AddAsync(samples[0], Cancelled).AsTask();
        var second = ingest.AddAsync(samples[1], cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        var pumping = Pump(_store, ingest);
        await first;
        ingest.Close();
        await pumping;
        Assert.Equal(1, (await _store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Adding_completes_only_when_the_store_has_the_sample()
    {
        var gate = new TaskCompletionSource();
        var ingest = Opened(capacity: 10);
        var pumping = Pump(new SlowStore(_store, gate.Task), ingest);
        var adding = ingest.AddAsync(TinyClassifier.Samples(1).Single(), Cancelled).AsTask();

        Assert.False(adding.IsCompleted);
        gate.SetResult();
        await adding;
        Assert.Equal(1, (await _store.CountAsync(Cancelled)).Total);
        ingest.Close();
        await pumping;
    }

    [Fact]
    public async Task What_the_store_throws_reaches_the_one_whose_sample_it_was_and_the_next_is_taken()
    {
        var failing = new TaskCompletionSource();
        failing.SetException(new IOException("disk full"));
        var store = new SlowStore(_store, failing.Task);
        var ingest = Opened(capacity: 10);
        var pumping = Pump(store, ingest);

        var samples = TinyClassifier.Samples(2).ToList();
        var error = await Assert.ThrowsAsync<IOException>(() => ingest.AddAsync(samples[0], Cancelled).AsTask());
        Assert.Equal("disk full", error.Message);

        store.Before = Task.CompletedTask;
        await ingest.AddAsync(samples[1], Cancelled);
        ingest.Close();
        await pumping;
    }

    [Fact]
    public async Task A_stop_stores_what_is_queued_and_refuses_what_comes_after()
    {
        var ingest = Opened(capacity: 10);
        var adding = TinyClassifier.Samples(5).Select(sample => ingest.AddAsync(sample, Cancelled).AsTask()).ToList();
        ingest.Close();
        await Assert.ThrowsAsync<InvalidOperationException>(() => ingest.AddAsync(TinyClassifier.Samples(1, seed: 7).Single(), Cancelled).AsTask());

        await Pump(_store, ingest);
        await Task.WhenAll(adding);
        Assert.Equal(5, (await _store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_sample_that_comes_twice_is_stored_once()
    {
        var ingest = Opened(capacity: 10);
        var pumping = Pump(_store, ingest);
        await ingest.AddAsync(TinyClassifier.Samples(1).Single(), Cancelled);
        await ingest.AddAsync(TinyClassifier.Samples(1).Single(), Cancelled);
        ingest.Close();
        await pumping;
        Assert.Equal(1, (await _store.CountAsync(Cancelled)).Total);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1)] // both have to wait for room
    public async Task A_correction_reaches_a_sample_that_is_still_on_its_way(long capacityBytes)
    {
        var ingest = Opened(capacity: 10, capacityBytes);
        var sample = TinyClassifier.Samples(1).Single();
        long other = 1 - sample.Target!.Values<long>()[0];
        var adding = ingest.AddAsync(sample, Cancelled).AsTask();
        var correcting = ingest.CorrectAsync(sample.Key, SampleTensor.Scalar(other), Cancelled).AsTask();
        var unknown = ingest.CorrectAsync("unknown", SampleTensor.Scalar(other), Cancelled).AsTask();
        var pumping = Pump(_store, ingest);
        await adding;

        Assert.True(await correcting);
        Assert.False(await unknown);
        await Assert.ThrowsAsync<InvalidSampleException>(() => ingest.CorrectAsync(sample.Key, SampleTensor.Scalar(99L), Cancelled).AsTask());
        ingest.Close();
        await pumping;
        var snapshot = await _store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(other, Assert.Single(snapshot.Training.Concat(snapshot.HeldOut)).Target!.Values<long>()[0]);
    }

    [Fact]
    public async Task Samples_that_come_before_the_start_wait_for_it()
    {
        var ingest = new SampleIngest(Parts.Options(queueCapacity: 10), _metrics);
        var adding = ingest.AddAsync(TinyClassifier.Samples(1).Single(), Cancelled).AsTask();
        Assert.False(adding.IsCompleted);

        ingest.Open(SampleSchema.Of(TinyClassifier.Manifest));
        var pumping = Pump(_store, ingest);
        await adding;
        ingest.Close();
        await pumping;
    }

    [Fact]
    public async Task A_failed_start_is_told_to_those_who_wait()
    {
        var ingest = new SampleIngest(Parts.Options(queueCapacity: 10), _metrics);
        var adding = ingest.AddAsync(TinyClassifier.Samples(1).Single(), Cancelled).AsTask();
        ingest.Fail(new FineTuningException("no such model"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => adding);
        Assert.Equal("no such model", error.InnerException?.Message);
    }

    private SampleIngest Opened(int capacity, long capacityBytes = 1000)
    {
        var ingest = new SampleIngest(Parts.Options(capacity, capacityBytes), _metrics);
        ingest.Open(SampleSchema.Of(TinyClassifier.Manifest));
        return ingest;
    }

    private Task Pump(ISampleStore store, SampleIngest ingest) =>
        new SamplePump(ingest, store, _metrics, Parts.Monitor(TimeProvider.System), NullLogger<SamplePump>.Instance).RunAsync(static () => { });
}
