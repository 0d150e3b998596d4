using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>A store that keeps samples only when something else is over, or fails as that does.</summary>
internal sealed class SlowStore(ISampleStore inner, Task before) : ISampleStore
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Before { get; set; } = before;

    /// <summary>What has to be over before snapshots are given up.</summary>
    public Task BeforeRelease { get; set; } = Task.CompletedTask;

    /// <summary>Ends when samples have come.</summary>
    public Task Entered => _entered.Task;

    /// <summary>Sees what is to be stored together, before anything is waited for.</summary>
    public Action<IReadOnlyList<StoredSample>>? Adding { get; set; }

    public async ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken)
    {
        Adding?.Invoke(samples);
        _entered.TrySetResult();
        await Before;
        return await inner.AddAsync(samples, cancellationToken);
    }

    public ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken) =>
        inner.CountBySourceAsync(cancellationToken);

    public ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken) =>
        inner.TakeSnapshotAsync(selection, cancellationToken);

    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken) => inner.FindSnapshotAsync(id, cancellationToken);

    public ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken) =>
        inner.ReleaseSnapshotAsync(id, used, cancellationToken);

    public async ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken)
    {
        await BeforeRelease;
        await inner.ReleaseOtherSnapshotsAsync(id, cancellationToken);
    }

    public ValueTask<CorrectedSample?> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken) => inner.CorrectAsync(key, target, cancellationToken);

    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken) => inner.ForgetSubjectAsync(subject, cancellationToken);
}
