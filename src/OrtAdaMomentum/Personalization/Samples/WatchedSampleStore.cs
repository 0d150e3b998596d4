namespace OrtAdaMomentum.Personalization;

/// <summary>The store as the service uses it: what goes wrong with it is shown as a problem until something goes well again.</summary>
internal sealed class WatchedSampleStore(ISampleStore store, FineTuningProblems problems, FineTuningMetrics metrics) : ISampleStore
{
    private int _damaged;

    public ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken) =>
        WatchAsync(() => store.AddAsync(samples, cancellationToken));

    public async ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken = default)
    {
        var counts = await WatchAsync(() => store.CountAsync(cancellationToken)).ConfigureAwait(false);
        metrics.SamplesCounted(counts);
        if (Interlocked.Exchange(ref _damaged, counts.Damaged) != counts.Damaged)
            Works();
        return counts;
    }

    public ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken = default) =>
        WatchAsync(() => store.CountBySourceAsync(cancellationToken));

    public ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken) =>
        WatchAsync(() => store.TakeSnapshotAsync(selection, cancellationToken));

    public ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken) =>
        WatchAsync(() => store.FindSnapshotAsync(id, cancellationToken));

    public async ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken) =>
        await WatchAsync(() => DoneAsync(store.ReleaseSnapshotAsync(id, used, cancellationToken))).ConfigureAwait(false);

    public async ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken) =>
        await WatchAsync(() => DoneAsync(store.ReleaseOtherSnapshotsAsync(id, cancellationToken))).ConfigureAwait(false);

    public ValueTask<CorrectedSample?> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken) =>
        WatchAsync(() => store.CorrectAsync(key, target, cancellationToken));

    public ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken = default) =>
        WatchAsync(() => store.ForgetSubjectAsync(subject, cancellationToken));

    private static async ValueTask<bool> DoneAsync(ValueTask work)
    {
        await work.ConfigureAwait(false);
        return true;
    }

    private async ValueTask<T> WatchAsync<T>(Func<ValueTask<T>> work)
    {
        try
        {
            var result = await work().ConfigureAwait(false);
            Works();
            return result;
        }
        catch (SampleStoreException error)
        {
            metrics.StoreFailed(error.Problem);
            problems.Report(
                error.Problem == SampleStoreProblem.Key ? FineTuningProblemKind.SampleKey : FineTuningProblemKind.SampleStore, error.Message);
            throw;
        }
    }

    private void Works()
    {
        problems.Resolve(FineTuningProblemKind.SampleKey);
        // They stay until the store is full; until then it is seen that something was lost.
        if (Volatile.Read(ref _damaged) is > 0 and var damaged)
            problems.Report(FineTuningProblemKind.SampleStore, $"{damaged} samples are damaged and are not used. Look for errors of the disk in the system's log.");
        else
            problems.Resolve(FineTuningProblemKind.SampleStore);
    }
}
