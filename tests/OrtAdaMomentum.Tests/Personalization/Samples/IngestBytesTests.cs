using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>The bound of the bytes that wait for the store or are on their way into it.</summary>
public sealed class IngestBytesTests : IDisposable
{
    /// <summary>What a sample of the tiny classifier takes: two floats and a label.</summary>
    private const int Size = 16;

    private readonly FineTuningMetrics _metrics = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<IReadOnlyList<StoredSample>> _batches = new();
    private readonly SlowStore _store;

    public IngestBytesTests() => _store = new SlowStore(new InMemorySampleStore(10_000), _released.Task) { Adding = _batches.Enqueue };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Those_who_bring_more_bytes_than_may_wait_have_to_wait_and_are_stored_together_when_there_is_room()
    {
        var ingest = Opened((Size * 6) + 4);
        var pumping = Pump(ingest);
        var first = Add(ingest, TinyClassifier.Samples(1, seed: 9));
        await _store.Entered;
        var others = Add(ingest, TinyClassifier.Samples(10));

        Assert.Equal((5, Size * 6), (ingest.Waiting, ingest.WaitingBytes));

        _released.SetResult();
        await Task.WhenAll([.. first, .. others]);
        ingest.Close();
        await pumping;
        Assert.Equal([1, 6, 4], _batches.Select(static batch => batch.Count));
        Assert.Equal(0, ingest.WaitingBytes);
    }

    [Fact]
    public async Task Those_who_wait_for_a_place_in_the_queue_are_stored_together_with_what_is_in_it()
    {
        _released.SetResult();
        var ingest = Opened(1000, capacity: 2);
        var adding = Add(ingest, TinyClassifier.Samples(5));
        Assert.Equal((2, Size * 2), (ingest.Waiting, ingest.WaitingBytes));

        var pumping = Pump(ingest);

        await Task.WhenAll(adding);
        ingest.Close();
        await pumping;
        Assert.Equal([5], _batches.Select(static batch => batch.Count));
    }

    [Fact]
    public async Task A_sample_larger_than_the_bound_is_stored_alone()
    {
        var ingest = Opened(Size - 1);
        var pumping = Pump(ingest);
        var adding = Add(ingest, TinyClassifier.Samples(5));
        await _store.Entered;

        Assert.Equal((0, Size), (ingest.Waiting, ingest.WaitingBytes));

        _released.SetResult();
        await Task.WhenAll(adding);
        ingest.Close();
        await pumping;
        Assert.Equal([1, 1, 1, 1, 1], _batches.Select(static batch => batch.Count));
    }

    [Fact]
    public async Task A_small_sample_does_not_go_past_a_large_one_until_that_is_given_up()
    {
        var ingest = Opened(100, SequenceReader.Schema());
        var pumping = Pump(ingest);
        var first = Add(ingest, [Sequence(steps: 2)]);
        await _store.Entered;
        using var cancellation = new CancellationTokenSource();
        var large = ingest.AddAsync(Sequence(steps: 4), cancellation.Token).AsTask();
        var small = Add(ingest, [Sequence(steps: 1)]);
        Assert.Equal((0, 40), (ingest.Waiting, ingest.WaitingBytes));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.Equal((1, 60), (ingest.Waiting, ingest.WaitingBytes));
        _released.SetResult();
        await Task.WhenAll([.. first, .. small]);
        ingest.Close();
        await pumping;
        Assert.Equal([2L, 1], _batches.SelectMany(static batch => batch).Select(static stored => stored.Sample.Inputs["features"].Shape[0]));
    }

    [Fact]
    public async Task What_cannot_be_stored_makes_room_for_the_next()
    {
        _released.SetException(new IOException("disk full"));
        var ingest = Opened(Size);
        var pumping = Pump(ingest);

        foreach (var adding in Add(ingest, TinyClassifier.Samples(3)))
            Assert.Equal("disk full", (await Assert.ThrowsAsync<IOException>(() => adding)).Message);

        ingest.Close();
        await pumping;
        Assert.Equal((3, 0), (_batches.Count, ingest.WaitingBytes));
    }

    [Fact]
    public async Task A_stop_stores_what_was_let_in_and_turns_away_those_for_whom_there_was_no_room()
    {
        _released.SetResult();
        var ingest = Opened(Size * 2);
        var adding = Add(ingest, TinyClassifier.Samples(5));

        ingest.Close();

        foreach (var outside in adding.Skip(2))
            Assert.Contains("has stopped", (await Assert.ThrowsAsync<InvalidOperationException>(() => outside)).Message, StringComparison.Ordinal);
        await Pump(ingest);
        await Task.WhenAll(adding.Take(2));
        Assert.Equal([2], _batches.Select(static batch => batch.Count));
    }

    [Fact]
    public async Task However_many_bring_samples_of_any_size_the_bound_is_kept_and_each_is_stored_once()
    {
        const long bound = 2_000;
        _released.SetResult();
        var ingest = Opened(bound, SequenceReader.Schema());
        var seen = new ConcurrentBag<long>();
        var pace = new Random(2);
        _store.Adding = batch =>
        {
            _batches.Enqueue(batch);
            seen.Add(ingest.WaitingBytes);
            // Sometimes the queue fills up behind the store, sometimes it runs empty.
            _store.Before = pace.Next(4) == 0 ? Task.Delay(1, Cancelled) : Task.CompletedTask;
        };
        var pumping = Pump(ingest);
        var kept = new ConcurrentBag<string>();
        var largest = new ConcurrentBag<long>();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(source => Task.Run(
            async () =>
            {
                var random = new Random(source);
                for (int index = 0; index < 100; index++)
                {
                    // One in fifty does not fit at all; one in ten is given up sooner or later.
                    var sample = Sequence(random.Next(50) == 0 ? random.Next(101, 200) : random.Next(1, 60), $"{source}-{index}");
                    if (sample.ByteLength > bound)
                        largest.Add(sample.ByteLength);
                    using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
                    bool givesUp = random.Next(10) == 0;
                    var adding = ingest.AddAsync(sample, giveUp.Token).AsTask();
                    if (givesUp)
                        await giveUp.CancelAsync();
                    seen.Add(ingest.WaitingBytes);
                    try
                    {
                        await adding;
                        kept.Add(sample.Key);
                    }
                    catch (OperationCanceledException) when (givesUp)
                    {
                        // Whether it was let in by then is not known to whoever gave up.
                    }
                }
            },
            Cancelled)));
        ingest.Close();
        await pumping;

        Assert.All(seen, bytes => Assert.True(bytes <= bound || largest.Contains(bytes), $"{bytes} bytes"));
        Assert.All(_batches, batch => Assert.True(batch.Count == 1 || batch.Sum(static stored => stored.Sample.ByteLength) <= bound));
        string[] stored = [.. _batches.SelectMany(static batch => batch).Select(static stored => stored.Sample.Key)];
        Assert.Equal(stored.Length, stored.Distinct().Count());
        Assert.Empty(kept.Except(stored));
        Assert.Equal((0, 0), (ingest.Waiting, ingest.WaitingBytes));
    }

    private static Sample Sequence(int steps, string? key = null) =>
        new("features", SampleTensor.Of<float>(new float[steps * SequenceReader.Features], steps, SequenceReader.Features), null, key);

    private static List<Task> Add(SampleIngest ingest, IEnumerable<Sample> samples) =>
        [.. samples.Select(sample => ingest.AddAsync(sample, Cancelled).AsTask())];

    private SampleIngest Opened(long capacityBytes, SampleSchema? schema = null, int capacity = 1024)
    {
        var ingest = new SampleIngest(Parts.Options(capacity, capacityBytes), _metrics);
        ingest.Open(schema ?? SampleSchema.Of(TinyClassifier.Manifest));
        return ingest;
    }

    private Task Pump(SampleIngest ingest) =>
        new SamplePump(ingest, _store, _metrics, Parts.Monitor(TimeProvider.System), NullLogger<SamplePump>.Instance).RunAsync(static () => { });
}
