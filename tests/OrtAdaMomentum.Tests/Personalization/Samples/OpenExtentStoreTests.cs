using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples with extents of their own, wherever they are kept.</summary>
public sealed class OpenExtentStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _keys = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _keys.Dispose();
    }

    [Theory]
    [InlineData(false, SampleCompression.None)]
    [InlineData(true, SampleCompression.None)]
    [InlineData(false, SampleCompression.Brotli)]
    [InlineData(true, SampleCompression.ZLib)]
    public async Task Every_sample_comes_back_with_its_own_extents(bool isEncrypted, SampleCompression compression)
    {
        var samples = Various().ToList();
        using (var store = Store("samples.db", isEncrypted))
        {
            store.Compression = compression;
            await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        }

        using var again = Store("samples.db", isEncrypted);
        AssertSame(samples, (await again.TakeSnapshotAsync(Cancelled)).Training);
    }

    [Fact]
    public async Task A_target_of_another_length_takes_the_place_of_the_one_before()
    {
        var samples = Various().ToList();
        using var store = Store("samples.db", isEncrypted: false);
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);

        Assert.NotNull(await store.CorrectAsync(samples[0].Key, SampleTensor.Of<long>([4, 3, 2, 1, 4, 3, 2, 1, 1], 9), Cancelled));

        var found = (await store.TakeSnapshotAsync(Cancelled)).Training.Single(sample => sample.Key == samples[0].Key);
        Assert.Equal("Int64[9]", found.Target!.ToString());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task An_archive_holds_them(bool fromEncrypted, bool toEncrypted)
    {
        var samples = Various().ToList();
        using var source = Store("source.db", fromEncrypted);
        await source.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);
        using var archive = new MemoryStream();
        await source.ExportAsync(archive, Cancelled);
        archive.Position = 0;
        using var target = Store("target.db", toEncrypted);

        var schema = SequenceReader.Schema();
        await target.ImportAsync(archive, new SampleImportOptions { Check = sample => SampleCheck.Check(schema, sample) }, Cancelled);

        AssertSame(samples, (await target.TakeSnapshotAsync(Cancelled)).Training);
    }

    [Fact]
    public async Task A_copy_from_a_damaged_file_holds_them()
    {
        var samples = Various().ToList();
        using (var store = Store("damaged.db", isEncrypted: false))
            await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);

        await SqliteSampleStore.SalvageAsync(_folder["damaged.db"], _folder["samples.db"], Cancelled);

        using var again = Store("samples.db", isEncrypted: false);
        AssertSame(samples, (await again.TakeSnapshotAsync(Cancelled)).Training);
    }

    [Fact]
    public async Task The_limit_of_bytes_counts_those_that_each_sample_has()
    {
        // As many bytes as the long samples have, of which each has those of ten short ones.
        var samples = Enumerable.Range(0, 60).Select(index => Bytes(index, index < 20 ? 1000 : 100)).ToList();
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(1000, Bytes: 10_000));
        await store.AddAsync([.. samples.Select(static sample => new StoredSample(sample, SampleRole.Training))], Cancelled);

        var kept = (await store.TakeSnapshotAsync(Cancelled)).Training;

        // All forty short ones, and of the long ones those for which there is room beside them.
        Assert.Equal(40, kept.Count(static sample => sample.Inputs["x"].Shape[0] == 100));
        Assert.InRange(kept.Count(static sample => sample.Inputs["x"].Shape[0] == 1000), 3, 5);
    }

    private static IEnumerable<Sample> Various() =>
        [.. SequenceReader.Samples(30), new Sample("features", SampleTensor.Of<float>(new float[500], 100, 5), SampleTensor.Of<long>([], 0))];

    private static Sample Bytes(int index, int count)
    {
        byte[] bytes = new byte[count];
        new Random(index).NextBytes(bytes);
        return new Sample("x", SampleTensor.Of<byte>(bytes, count), SampleTensor.Scalar(1L));
    }

    private static void AssertSame(IEnumerable<Sample> expected, IEnumerable<Sample> found) => Assert.Equal(expected.Select(Describe), found.Select(Describe));

    private static string Describe(Sample sample) => string.Join(
        ' ',
        [sample.Key, .. sample.Inputs.Values.Append(sample.Target!).Select(static tensor => $"{tensor} {Convert.ToHexString(tensor.Bytes.Span)}")]);

    private SqliteSampleStore Store(string name, bool isEncrypted) => new(_folder[name], new SampleLimits(1000))
    {
        Encryption = !isEncrypted ? null : File.Exists(_keys["key"]) ? new KeyFile(_keys["key"]) : KeyFile.Create(_keys["key"]),
    };
}
