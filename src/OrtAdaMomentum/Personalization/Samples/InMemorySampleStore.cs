namespace OrtAdaMomentum.Personalization;

/// <summary>Keeps samples in memory, the oldest going when it is full. They are lost with the process.</summary>
public sealed class InMemorySampleStore : ISampleStore
{
    private readonly Lock _lock = new();
    private readonly LinkedList<StoredSample> _samples = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SampleSnapshot Samples, int New)> _snapshots = new(StringComparer.Ordinal);
    private readonly int _capacity;
    private int _heldOut;
    private int _new;

    /// <summary>An empty store for at most <paramref name="capacity"/> samples.</summary>
    public InMemorySampleStore(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <inheritdoc/>
    public ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        cancellationToken.ThrowIfCancellationRequested();
        int added = 0;
        lock (_lock)
        {
            foreach (var sample in samples)
            {
                if (!_keys.Add(sample.Sample.Key))
                    continue;
                if (_samples.Count == _capacity)
                    Remove(_samples.First!);
                _samples.AddLast(sample);
                _heldOut += sample.Role == SampleRole.HeldOut ? 1 : 0;
                added++;
            }

            _new = Math.Min(_new + added, _samples.Count);
        }

        return ValueTask.FromResult(added);
    }

    /// <inheritdoc/>
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult(new SampleCounts(_samples.Count - _heldOut, _heldOut, _new));
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var snapshot = new SampleSnapshot(Guid.NewGuid().ToString("N"), OfRole(SampleRole.Training), OfRole(SampleRole.HeldOut));
            _snapshots.Add(snapshot.Id, (snapshot, _new));
            _new = 0;
            return ValueTask.FromResult(snapshot);
        }
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult<SampleSnapshot?>(_snapshots.GetValueOrDefault(id).Samples);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_snapshots.Remove(id, out var snapshot) && !used)
                _new = Math.Min(_new + snapshot.New, _samples.Count);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        lock (_lock)
        {
            int forgotten = 0;
            for (var place = _samples.First; place is not null;)
            {
                var next = place.Next;
                if (place.Value.Sample.Subject == subject)
                {
                    Remove(place);
                    forgotten++;
                }

                place = next;
            }

            foreach (var (id, (snapshot, _)) in _snapshots.ToList())
            {
                if (snapshot.Training.Concat(snapshot.HeldOut).Any(sample => sample.Subject == subject))
                    _snapshots.Remove(id);
            }

            _new = Math.Min(_new, _samples.Count);
            return ValueTask.FromResult(forgotten);
        }
    }

    private Sample[] OfRole(SampleRole role) => [.. _samples.Where(sample => sample.Role == role).Select(static sample => sample.Sample)];

    private void Remove(LinkedListNode<StoredSample> place)
    {
        _samples.Remove(place);
        _keys.Remove(place.Value.Sample.Key);
        _heldOut -= place.Value.Role == SampleRole.HeldOut ? 1 : 0;
    }
}
