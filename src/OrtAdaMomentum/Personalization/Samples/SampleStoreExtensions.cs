namespace OrtAdaMomentum.Personalization;

/// <summary>Shorter ways to use a store.</summary>
public static class SampleStoreExtensions
{
    /// <summary>Fixes all samples that are stored now, for one run.</summary>
    public static ValueTask<SampleSnapshot> TakeSnapshotAsync(this ISampleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.TakeSnapshotAsync(SampleSelection.All, cancellationToken);
    }
}
