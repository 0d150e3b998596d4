namespace OrtAdaMomentum.Personalization;

/// <summary>Keeps samples in memory, the oldest going when it is full. They are lost with the process.</summary>
public sealed class InMemorySampleStore : ISampleStore
{
    private readonly Lock _lock = new();
    private readonly LinkedList<StoredSample> _samples = new();
    private readonly Dictionary<string, LinkedListNode<StoredSample>> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SampleSnapshot Samples, string[] New)> _snapshots = new(StringComparer.Ordinal);
    private readonly int _capacity;
    private int _heldOut;

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
                string key = sample.Sample.Key;
                if (_places.ContainsKey(key))
                    continue;
                if (_samples.Count == _capacity)
                    Remove(_samples.First!);
                _places.Add(key, _samples.AddLast(sample));
                _new.Add(key);
                _heldOut += sample.Role == SampleRole.HeldOut ? 1 : 0;
                added++;
            }
        }

        return ValueTask.FromResult(added);
    }

    /// <inheritdoc/>
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult(new SampleCounts(_samples.Count - _heldOut, _heldOut, _new.Count));
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var snapshot = new SampleSnapshot(Guid.NewGuid().ToString("N"), OfRole(SampleRole.Training), OfRole(SampleRole.HeldOut));
            _snapshots.Add(snapshot.Id, (snapshot, [.. _new]));
            _new.Clear();
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
                _new.UnionWith(snapshot.New.Where(_places.ContainsKey));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken)
    {
        List<string> others;
        lock (_lock)
            others = [.. _snapshots.Keys.Where(other => other != id)];
        foreach (string other in others)
            await ReleaseSnapshotAsync(other, used: false, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(target);
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var place))
                return ValueTask.FromResult(false);
            place.Value = place.Value with { Sample = place.Value.Sample.WithTarget(target) };
            _new.Add(key);
            RemoveSnapshots(sample => sample.Key == key);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        lock (_lock)
        {
            var own = _places.Values.Where(place => place.Value.Sample.Subject == subject).ToList();
            own.ForEach(Remove);
            RemoveSnapshots(sample => sample.Subject == subject);
            return ValueTask.FromResult(own.Count);
        }
    }

    private Sample[] OfRole(SampleRole role) => [.. _samples.Where(sample => sample.Role == role).Select(static sample => sample.Sample)];

    private void RemoveSnapshots(Func<Sample, bool> holding)
    {
        foreach (var (id, (snapshot, _)) in _snapshots.ToList())
        {
            if (snapshot.Training.Concat(snapshot.HeldOut).Any(holding))
                _snapshots.Remove(id);
        }
    }

    private void Remove(LinkedListNode<StoredSample> place)
    {
        _samples.Remove(place);
        _places.Remove(place.Value.Sample.Key);
        _new.Remove(place.Value.Sample.Key);
        _heldOut -= place.Value.Role == SampleRole.HeldOut ? 1 : 0;
    }
}
