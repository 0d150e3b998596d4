namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Changes on their way to the store, in the order in which they came. Bounded in number, and in bytes until they are stored, so that whoever brings more
/// waits instead of filling memory. Safe for use from several threads at once, of which one takes.
/// </summary>
/// <param name="capacity">Changes that may be queued, 1 or more.</param>
/// <param name="capacityBytes">
/// Bytes of the changes that are queued or have been taken and are not stored yet, 1 or more. A change of more bytes is let in when there is no other.
/// </param>
internal sealed class ChangeQueue(int capacity, long capacityBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<PendingChange> _queued = new();
    private readonly LinkedList<Outside> _outside = new();
    private TaskCompletionSource? _arrival;
    private long _bytes;
    private bool _closed;

    /// <summary>Changes that are queued.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _queued.Count;
        }
    }

    /// <summary>Bytes of the changes that are queued or have been taken and are not stored yet.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Queues a change; waits while there is no room for it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the waiting, and the change is not queued.</param>
    /// <exception cref="InvalidOperationException">The queue is closed.</exception>
    public ValueTask AddAsync(PendingChange change, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        lock (_lock)
        {
            if (_closed)
                return ValueTask.FromException(Stopped());
            // Nobody goes past those who wait, or a large sample would wait for ever.
            if (_outside.Count > 0 || !HasRoomFor(change))
                return new ValueTask(WaitAsync(_outside.AddLast(new Outside(change)), cancellationToken));
            Queue(change);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>
    /// Waits for changes and gives out as many samples as are there, or one correction. What is given out keeps its bytes until <see cref="Stored"/> is called.
    /// </summary>
    /// <param name="most">Most samples, 1 or more.</param>
    /// <returns>Empty when the queue is closed and empty.</returns>
    public async ValueTask<IReadOnlyList<PendingChange>> TakeAsync(int most)
    {
        while (true)
        {
            Task arrival;
            lock (_lock)
            {
                if (_queued.Count > 0)
                    return Take(most);
                if (_closed)
                    return [];
                _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }

            await arrival.ConfigureAwait(false);
        }
    }

    /// <summary>Makes room, because changes that were taken are in the store or have failed.</summary>
    public void Stored(IReadOnlyList<PendingChange> changes)
    {
        lock (_lock)
        {
            _bytes -= changes.Sum(static change => change.Bytes);
            LetIn();
        }
    }

    /// <summary>Takes no more changes and turns away those who wait; what is queued is still given out.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var outside in _outside)
                outside.LetIn.TrySetException(Stopped());
            _outside.Clear();
            _arrival?.TrySetResult();
        }
    }

    private static InvalidOperationException Stopped() => new("The fine-tuning service has stopped and takes no more samples.");

    private bool HasRoomFor(PendingChange change) => _queued.Count < capacity && (_bytes == 0 || change.Bytes <= capacityBytes - _bytes);

    private void Queue(PendingChange change)
    {
        _queued.Enqueue(change);
        _bytes += change.Bytes;
        _arrival?.TrySetResult();
    }

    private void LetIn()
    {
        while (_outside.First is { } first && HasRoomFor(first.Value.Change))
        {
            _outside.RemoveFirst();
            Queue(first.Value.Change);
            first.Value.LetIn.TrySetResult();
        }
    }

    private List<PendingChange> Take(int most)
    {
        var batch = new List<PendingChange>();
        while (batch.Count < most && _queued.TryPeek(out var next) && (batch.Count == 0 || next is PendingSample))
        {
            batch.Add(_queued.Dequeue());
            LetIn();
            if (next is PendingCorrection)
                break;
        }

        return batch;
    }

    private async Task WaitAsync(LinkedListNode<Outside> place, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            (_, cancelled) =>
            {
                lock (_lock)
                {
                    if (place.List is null)
                        return;
                    _outside.Remove(place);
                    place.Value.LetIn.TrySetCanceled(cancelled);
                    // It may have been what kept smaller ones out.
                    LetIn();
                }
            },
            null);
        await place.Value.LetIn.Task.ConfigureAwait(false);
    }

    /// <summary>A change for which there is no room, and what ends the waiting of whoever brought it.</summary>
    private sealed record Outside(PendingChange Change)
    {
        public TaskCompletionSource LetIn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
