using System.Collections;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The samples of a snapshot, read from the file one by one when they are asked for, so that memory does not grow with their number. What was read first is
/// kept up to a limit, and so is what was read last, since a batch is asked for column by column. What a sample was when the snapshot was taken it is until
/// the snapshot goes, though its target may be corrected meanwhile.
/// </summary>
internal sealed class SnapshotContent(SampleFile file, SnapshotMemory memory)
{
    /// <summary>What a sample takes beside its tensors, roughly.</summary>
    private const long Overhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Sample> _kept = [], _recent = [];
    private readonly Queue<long> _order = new();

    // Read and written while the file is used.
    private readonly Dictionary<long, SampleTensor> _former = [];
    private long _keptBytes, _recentBytes;

    /// <summary>Bytes of samples that are in memory.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
                return _keptBytes + _recentBytes;
        }
    }

    public IReadOnlyList<Sample> Of(long[] ids) => new List(this, ids);

    /// <summary>Keeps the target that a sample had when the snapshot was taken. Called while the file is used.</summary>
    public void Keep(long id, SampleTensor former) => _former.TryAdd(id, former);

    /// <exception cref="SampleStoreException">It cannot be read, or it was forgotten.</exception>
    private Sample Read(long id)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(id, out var known) || _recent.TryGetValue(id, out known))
                return known;
        }

        var sample = file.Use(session => Read(session, id));
        lock (_lock)
            Remember(id, sample);
        return sample;
    }

    private Sample Read(SampleSession session, long id)
    {
        var row = session.Row(id)
            ?? throw new SampleStoreException("A sample that a run uses was removed from the store, because its subject was forgotten. A run begins again without it.");
        var sample = session.Vault.Read(row);
        return _former.TryGetValue(id, out var target) ? sample.WithTarget(target) : sample;
    }

    private void Remember(long id, Sample sample)
    {
        long bytes = BytesOf(sample);
        if (_keptBytes + bytes <= memory.Kept)
        {
            _keptBytes += _kept.TryAdd(id, sample) ? bytes : 0;
            return;
        }

        if (!_recent.TryAdd(id, sample))
            return;
        _order.Enqueue(id);
        _recentBytes += bytes;
        while (_recentBytes > memory.Recent && _order.TryDequeue(out long oldest) && _recent.Remove(oldest, out var gone))
            _recentBytes -= BytesOf(gone);
    }

    private static long BytesOf(Sample sample) => Overhead + sample.Inputs.Values.Sum(static tensor => (long)tensor.Bytes.Length) + (sample.Target?.Bytes.Length ?? 0);

    /// <summary>Some of the samples, in an order.</summary>
    internal sealed class List(SnapshotContent content, long[] ids) : IReadOnlyList<Sample>
    {
        public SnapshotContent Source => content;

        public int Count => ids.Length;

        public Sample this[int index] => content.Read(ids[index]);

        public IEnumerator<Sample> GetEnumerator()
        {
            foreach (long id in ids)
                yield return content.Read(id);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>Bytes of a snapshot's samples that are kept in memory.</summary>
/// <param name="Kept">Of those that were read first, which spares every epoch reading them again.</param>
/// <param name="Recent">Of those that were read last.</param>
internal readonly record struct SnapshotMemory(long Kept, long Recent)
{
    public static SnapshotMemory Default { get; } = new(64L << 20, 4L << 20);
}
