using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>Stores that tests are run on one after the other: what they do has to be the same.</summary>
internal static class Stores
{
    public static TheoryData<string> Kinds => ["memory", "sqlite"];

    public static ISampleStore Of(string kind, TemporaryFolder folder, int capacity = 100) =>
        kind == "memory" ? new InMemorySampleStore(capacity) : new SqliteSampleStore(folder["samples.db"], new SampleLimits(capacity));

    public static async Task UseAllAsync(this ISampleStore store, CancellationToken cancellationToken) =>
        await store.ReleaseSnapshotAsync((await store.TakeSnapshotAsync(cancellationToken)).Id, used: true, cancellationToken);
}
