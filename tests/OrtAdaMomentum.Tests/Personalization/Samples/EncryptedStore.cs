using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>A folder for an encrypted store, one for its keys, and ways around the store to its file.</summary>
public abstract class EncryptedStore : IDisposable
{
    private protected static readonly byte[] Secret = [.. "pixels of a face that nobody else may see, and there are many of them"u8];

    private protected EncryptedStore() => Key = KeyFile.Create(Keys["key"]);

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    private protected TemporaryFolder Keys { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    private protected KeyFile Key { get; }

    private protected string File => Folder["samples.db"];

    public void Dispose()
    {
        Folder.Dispose();
        Keys.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static StoredSample Person(string subject, int number) =>
        new(
            new Sample("x", SampleTensor.Of<byte>(Secret, Secret.Length), SampleTensor.Scalar(1234567890123L), $"portrait {number}") { Subject = subject, Source = "hall camera" },
            SampleRole.Training);

    private protected SqliteSampleStore Store(ISampleKeySource? key) => new(File, new SampleLimits(1000), Time) { Encryption = key };

    private protected static async Task Refused(SqliteSampleStore store, string contained)
    {
        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.CountAsync(Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Key, refusal.Problem);
        Assert.Contains(contained, refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SampleStoreException>(() => store.AddAsync(StoredSamples.Tiny(1), Cancelled).AsTask());
    }

    private protected T Column<T>(string sql)
    {
        using var connection = Connection();
        using var command = SampleDatabase.Command(connection, sql);
        return (T)command.ExecuteScalar()!;
    }

    private protected void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var connection = Connection();
        using var command = SampleDatabase.Command(connection, sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connection()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }
}
