namespace OrtAdaMomentum.Personalization;

/// <summary>Keeps samples. Implementations are safe for use from several threads at once.</summary>
public interface ISampleStore
{
    /// <summary>
    /// Stores samples; when it completes they are as safe as this store makes them. A sample whose key is stored already is left out.
    /// </summary>
    /// <returns>How many were new.</returns>
    ValueTask<int> AddAsync(IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken);

    /// <summary>How many samples there are.</summary>
    ValueTask<SampleCounts> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>How many samples there are of each source; those without one are under the empty name.</summary>
    ValueTask<IReadOnlyDictionary<string, SampleCounts>> CountBySourceAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Fixes samples that are stored now under an id, for one run: all that are new, all that are held out, and of the old ones to train on those
    /// that are chosen. What comes later counts as new. Samples without a target are left out.
    /// </summary>
    /// <param name="selection">Which of the old samples.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<SampleSnapshot> TakeSnapshotAsync(SampleSelection selection, CancellationToken cancellationToken);

    /// <summary>
    /// The snapshot of that id with the same samples in the same order, also after a restart; null when the store does not have it any
    /// more. An interrupted run goes on only if this gives its samples back.
    /// </summary>
    ValueTask<SampleSnapshot?> FindSnapshotAsync(string id, CancellationToken cancellationToken);

    /// <summary>Gives up a snapshot. An unknown id is no error.</summary>
    /// <param name="id">The snapshot's id.</param>
    /// <param name="used">Whether its run is over; otherwise its samples that were new count as new again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask ReleaseSnapshotAsync(string id, bool used, CancellationToken cancellationToken);

    /// <summary>
    /// Gives up all snapshots but one. Their samples that were new count as new again: a process that ended while it took them has not used them.
    /// </summary>
    /// <param name="id">The snapshot to keep; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask ReleaseOtherSnapshotsAsync(string? id, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a stored sample its target, or another one. It keeps its role and counts as new. Snapshots that hold it are not found any more, as a run that is
    /// interrupted would go on with other samples than it began with. The target that it has already changes nothing.
    /// </summary>
    /// <returns>What has changed; null where there is no sample of that key.</returns>
    ValueTask<CorrectedSample?> CorrectAsync(string key, SampleTensor target, CancellationToken cancellationToken);

    /// <summary>
    /// Removes all samples of a subject, also those of snapshots, which are then not found any more. When it completes nothing of them is left
    /// in the store's files.
    /// </summary>
    /// <returns>How many samples there were.</returns>
    ValueTask<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken = default);
}
