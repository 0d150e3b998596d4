using System.Threading.Channels;

namespace OrtAdaMomentum.Personalization;

/// <summary>What waits to be counted. Bounded, in number and in bytes of samples; what comes faster than it can be counted is left out.</summary>
internal sealed class WatchQueue
{
    private const int Largest = 4096;

    private const long LargestOfSamples = 64L << 20;

    private readonly Channel<WatchItem> _items =
        Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(Largest) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _bytes;

    public void Add(WatchItem item)
    {
        if (Interlocked.Add(ref _bytes, item.Bytes) > LargestOfSamples && item.Bytes > 0)
            Interlocked.Add(ref _bytes, -item.Bytes);
        else if (!_items.Writer.TryWrite(item))
            Interlocked.Add(ref _bytes, -item.Bytes);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _items.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WatchItem? item)
    {
        if (!_items.Reader.TryRead(out item))
            return false;
        Interlocked.Add(ref _bytes, -item.Bytes);
        return true;
    }
}

/// <summary>One thing to count, or nothing but a reason to look.</summary>
internal record WatchItem
{
    /// <summary>Bytes of samples that it holds.</summary>
    public long Bytes { get; protected init; }
}

/// <summary>A report about a version.</summary>
internal sealed record ReportedItem(string Version, double Score) : WatchItem;

/// <summary>A sample that came in with its target.</summary>
internal sealed record SampleItem : WatchItem
{
    public SampleItem(Sample sample) => (Sample, Bytes) = (sample, sample.ByteLength);

    public Sample Sample { get; }
}

/// <summary>A sample whose target came later.</summary>
internal sealed record LabelItem : WatchItem
{
    public LabelItem(CorrectedSample corrected) => (Corrected, Bytes) = (corrected, corrected.Sample.ByteLength);

    public CorrectedSample Corrected { get; }
}
