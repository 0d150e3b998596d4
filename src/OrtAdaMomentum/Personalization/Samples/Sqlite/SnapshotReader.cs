namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Takes snapshots and finds them again. A snapshot is looked through once, some samples at a time, so that samples can come in meanwhile; it counts as taken
/// when that is over, and until then its samples are as new as before.
/// </summary>
internal sealed class SnapshotReader(SampleFile file, SnapshotMemory memory)
{
    // By the id of the snapshot, as long as somebody may read it; read and written while the file is used.
    private readonly Dictionary<string, WeakReference<SnapshotContent>> _contents = new(StringComparer.Ordinal);

    public SampleSnapshot Take(SampleSelection selection)
    {
        string id = file.Use(session => session.Commit(() => SnapshotTable.Begin(session, selection)));
        var damaged = Damaged(id);
        return file.Use(session =>
        {
            session.Commit(() => SnapshotTable.Complete(session, id, damaged.Select(static sample => sample.Id)));
            return Open(session, id) with { Damaged = damaged.ConvertAll(static sample => sample.Problem) };
        });
    }

    /// <summary>The snapshot as it was taken; null when one of its samples is not there any more, is another, or cannot be read.</summary>
    public SampleSnapshot? Find(string id)
    {
        if (!file.Use(session => session.Commit(() => SnapshotTable.IsWhole(session, id))) || Damaged(id).Count > 0)
            return null;
        // Looked at again: much may have changed while it was looked through.
        return file.Use(session => session.Commit(() => SnapshotTable.IsWhole(session, id) ? Open(session, id) : null));
    }

    /// <summary>A sample has another target now. Called while the file is used.</summary>
    public void Changed(long sample, SampleTensor former)
    {
        foreach (var reference in _contents.Values)
        {
            if (reference.TryGetTarget(out var content))
                content.Keep(sample, former);
        }
    }

    /// <summary>Nobody asks for snapshots any more but those that are left. Called while the file is used.</summary>
    public void Released(Func<string, bool> isReleased)
    {
        foreach (string id in _contents.Keys.Where(isReleased).ToList())
            _contents.Remove(id);
    }

    private SampleSnapshot Open(SampleSession session, string id)
    {
        var (training, heldOut) = SnapshotTable.Samples(session, id);
        if (!_contents.TryGetValue(id, out var reference) || !reference.TryGetTarget(out var content))
            _contents[id] = new WeakReference<SnapshotContent>(content = new SnapshotContent(file, memory));
        return new SampleSnapshot(id, content.Of(training), content.Of(heldOut));
    }

    private List<(long Id, string Problem)> Damaged(string id)
    {
        var damaged = new List<(long, string)>();
        long? behind = 0;
        while (behind is { } place)
            behind = file.Use(session => SnapshotTable.LookThrough(session, id, place, damaged));
        return damaged;
    }
}
