using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Checks what is brought and has it wait for the store.</summary>
internal sealed class SampleIngest : ISampleIngest
{
    /// <summary>Samples that are stored together; one commit for many is what makes a durable store fast.</summary>
    private const int LargestBatch = 256;

    private readonly ChangeQueue _queue;
    private readonly CurrentOptions _options;
    private readonly FineTuningMetrics _metrics;
    private readonly TaskCompletionSource<SampleSchema> _schema = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<string?> _answering = static () => null;
    private volatile bool _closed;

    public SampleIngest(CurrentOptions options, FineTuningMetrics metrics)
    {
        _options = options;
        _metrics = metrics;
        _queue = new ChangeQueue(options.Value.QueueCapacity, options.Value.QueueCapacityBytes);
        metrics.ObserveQueue(() => Waiting, () => WaitingBytes);
    }

    public int Waiting => _queue.Count;

    public long WaitingBytes => _queue.Bytes;

    public DatasetSchema? Schema => _closed || !_schema.Task.IsCompletedSuccessfully ? null : _schema.Task.Result.Dataset;

    /// <summary>The axes that the model leaves open; none before it is known.</summary>
    public IReadOnlyList<OpenAxis> OpenAxes => _schema.Task.IsCompletedSuccessfully ? _schema.Task.Result.OpenAxes : [];

    public void Check(Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (_closed)
            throw new InvalidOperationException("The fine-tuning service has stopped and takes no more samples.");
        if (!_schema.Task.IsCompleted)
            throw new InvalidOperationException("The fine-tuning service has not started yet, so it is not known what samples look like.");
        var schema = _schema.Task.GetAwaiter().GetResult();
        CountRejection(() => SampleCheck.Check(schema, sample));
    }

    public async ValueTask AddAsync(Sample sample, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var schema = await _schema.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        CountRejection(() => SampleCheck.Check(schema, sample));
        var role = SampleSplit.RoleOf(sample, _options.Value.ValidationShare);
        await QueueAsync(new PendingSample(new StoredSample(sample, role) { AnsweredBy = _answering() }), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(target);
        var schema = await _schema.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        CountRejection(() => SampleCheck.CheckTarget(schema, target));
        return await QueueAsync(new PendingCorrection(key, target), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets samples in, now that it is known what they have to look like.</summary>
    /// <param name="schema">What they have to look like.</param>
    /// <param name="answering">Tells the label of the version that is served.</param>
    public void Open(SampleSchema schema, Func<string?>? answering = null)
    {
        // Seen by whoever sees the schema.
        _answering = answering ?? _answering;
        _schema.TrySetResult(schema);
    }

    /// <summary>Turns everyone away, because the service could not start.</summary>
    public void Fail(Exception reason)
    {
        if (_schema.TrySetException(new InvalidOperationException("The fine-tuning service could not start.", reason)))
            _ = _schema.Task.Exception; // observed: it is not an error if nobody waits
        Close();
    }

    /// <summary>Takes no more samples; those in the queue are still given out.</summary>
    public void Close()
    {
        if (_schema.TrySetException(new InvalidOperationException("The fine-tuning service has stopped.")))
            _ = _schema.Task.Exception;
        _closed = true;
        _queue.Close();
    }

    /// <summary>
    /// Waits for changes and gives out as many samples as are there, or one correction, in the order in which they came. Empty when the queue is
    /// closed and empty.
    /// </summary>
    public ValueTask<IReadOnlyList<PendingChange>> TakeAsync() => _queue.TakeAsync(LargestBatch);

    /// <summary>Makes room, because what was taken is in the store or could not be stored.</summary>
    public void Stored(IReadOnlyList<PendingChange> batch) => _queue.Stored(batch);

    private void CountRejection(Action check)
    {
        try
        {
            check();
        }
        catch (InvalidSampleException)
        {
            _metrics.SampleRejected();
            throw;
        }
    }

    private async ValueTask<bool> QueueAsync(PendingChange change, CancellationToken cancellationToken)
    {
        await _queue.AddAsync(change, cancellationToken).ConfigureAwait(false);
        return await change.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
