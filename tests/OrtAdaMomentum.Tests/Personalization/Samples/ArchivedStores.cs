using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>A folder of stores, and what goes from one to the other.</summary>
public abstract class ArchivedStores : IDisposable
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static StoredSample[] Various(int start, int count) =>
        [.. Enumerable.Range(start, count).Select(static number => new StoredSample(
            new Sample(
                "x",
                SampleTensor.Of<float>([number, number * 2], 2),
                number % 10 == 3 ? null : SampleTensor.Scalar((long)number % 4),
                number % 10 == 3 ? $"waiting {number}" : $"labelled {number}")
            {
                Subject = number % 3 == 0 ? null : $"subject {number % 3}",
                Source = number % 4 == 0 ? null : $"source {number % 4}",
            },
            number % 5 == 0 ? SampleRole.HeldOut : SampleRole.Training))];

    private protected static async Task<(byte[] Archive, SampleExportResult Result)> Export(SqliteSampleStore store)
    {
        using var stream = new MemoryStream();
        var result = await store.ExportAsync(stream, Cancelled);
        return (stream.ToArray(), result);
    }

    /// <summary>The archive of a store that has these samples and is closed again.</summary>
    private protected async Task<byte[]> ArchiveOf(StoredSample[] samples)
    {
        using var source = Store("source.db");
        await source.AddAsync(samples, Cancelled);
        return (await Export(source)).Archive;
    }

    private protected static Task<SampleImportResult> Import(SqliteSampleStore store, byte[] archive, SampleImportOptions? options = null) =>
        store.ImportAsync(new MemoryStream(archive), options, Cancelled);

    private protected SqliteSampleStore Store(string name, bool isEncrypted = false) =>
        new(Folder[name], new SampleLimits(1000), Time) { Encryption = isEncrypted ? KeyFile.Create(Folder[name + ".key"]) : null };

    private protected long Number(string name, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Folder[name]};Pooling=False");
        connection.Open();
        return SampleDatabase.Number(connection, sql);
    }
}
