namespace OrtAdaMomentum.Personalization;

/// <summary>Keeps samples in memory, the oldest going when it is full. They are lost with the process.</summary>
public sealed class InMemorySampleStore : ISampleStore
{
    private readonly Lock _lock = new();
    private readonly LinkedList<StoredSample> _samples = new();
    private readonly Dictionary<string, LinkedListNode<StoredSample>> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SampleSnapshot Samples, string[] New)> _snapshots = new(StringComparer.Ordinal);
    private readonly SampleLimits _limits;
    private int _unlabelled;

    /// <summary>An empty store for at most <paramref name="capacity"/> samples, of which a quarter may be without a target.</summary>
    public InMemorySampleStore(int capacity)
    {
        _limits = new SampleLimits(capacity);
        _limits.Validate();
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
                _places.Add(key, _samples.AddLast(sample));
                if (sample.Sample.IsLabelled)
                    _new.Add(key);
                else if (++_unlabelled > _limits.Unlabelled)
                    RemoveOldestUnlabelled();
                if (_samples.Count > _limits.Count)
                    Remove(_samples.First!);
                added++;
            }
        }

        return ValueTask.FromResult(added);
    }

    /// <inheritdoc/>
    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
            return ValueTask.FromResult(Count(_samples));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyDictionary<string, SampleCounts>>(
                _samples.GroupBy(static sample => sample.Sample.Source ?? "").ToDictionary(static group => group.Key, Count, StringComparer.Ordinal));
        }
    }

    /// <inheritdoc/>
    public ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        lock (_lock)
        {
            var training = OfRole(SampleRole.Training);
            var old = training.Index().Where(sample => !_new.Contains(sample.Item.Key)).Select(static sample => new ReplayChoice.Candidate(sample.Index, SampleClass.Of(sample.Item.Target)));
            var fresh = training.Where(sample => _new.Contains(sample.Key)).Select(static sample => SampleClass.Of(sample.Target));
            var chosen = ReplayChoice.Choose([.. old], fresh, selection).ToHashSet();
            Sample[] selected = [.. training.Index().Where(sample => chosen.Contains(sample.Index) || _new.Contains(sample.Item.Key)).Select(static sample => sample.Item)];
            var snapshot = new SampleSnapshot(Guid.NewGuid().ToString("N"), selected, OfRole(SampleRole.HeldOut));
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
    public ValueTask<CorrectedSample?> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(target);
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var place))
                return ValueTask.FromResult<CorrectedSample?>(null);
            var before = place.Value.Sample;
            bool wasUsed = before.IsLabelled && !_new.Contains(key);
            bool isChanged = before.Target?.HasSameContent(target) != true;
            if (isChanged)
            {
                _unlabelled -= before.IsLabelled ? 0 : 1;
                place.Value = place.Value with { Sample = before.WithTarget(target) };
                _new.Add(key);
                RemoveSnapshots(sample => sample.Key == key);
            }

            return ValueTask.FromResult<CorrectedSample?>(new(place.Value.Sample, isChanged, wasUsed, place.Value.AnsweredBy));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken = default)
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

    private SampleCounts Count(IEnumerable<StoredSample> samples)
    {
        int training = 0, heldOut = 0, unlabelled = 0, isNew = 0;
        foreach (var (sample, role) in samples)
        {
            if (!sample.IsLabelled)
                unlabelled++;
            else if (role == SampleRole.HeldOut)
                heldOut++;
            else
                training++;
            isNew += _new.Contains(sample.Key) ? 1 : 0;
        }

        return new SampleCounts(training, heldOut, isNew, unlabelled);
    }

    private Sample[] OfRole(SampleRole role) =>
        [.. _samples.Where(sample => sample.Role == role && sample.Sample.IsLabelled).Select(static sample => sample.Sample)];

    private void RemoveSnapshots(Func<Sample, bool> holding)
    {
        foreach (var (id, (snapshot, _)) in _snapshots.ToList())
        {
            if (snapshot.Training.Concat(snapshot.HeldOut).Any(holding))
                _snapshots.Remove(id);
        }
    }

    private void RemoveOldestUnlabelled()
    {
        var place = _samples.First!;
        while (place.Value.Sample.IsLabelled)
            place = place.Next!;
        Remove(place);
    }

    private void Remove(LinkedListNode<StoredSample> place)
    {
        _samples.Remove(place);
        _places.Remove(place.Value.Sample.Key);
        _new.Remove(place.Value.Sample.Key);
        _unlabelled -= place.Value.Sample.IsLabelled ? 0 : 1;
    }
}
