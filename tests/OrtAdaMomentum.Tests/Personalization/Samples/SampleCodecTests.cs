using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>The bytes of stored samples.</summary>
public sealed class SampleCodecTests : IDisposable
{
    private static readonly SampleNames Names = new("a key", "a subject", "a source");

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<SampleCompression> Compressions => [.. Enum.GetValues<SampleCompression>()];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Compressions))]
    public void Content_comes_back_as_it_was(SampleCompression compression)
    {
        foreach (bool isLabelled in new[] { true, false })
        {
            var sample = Image(isLabelled);
            var read = SampleCodec.Read(SampleCodec.Write(sample, compression), Names);
            Assert.Equal(("a key", "a subject", "a source"), (read.Key, read.Subject, read.Source));
            Assert.Equal(sample.Inputs["image"].Bytes.ToArray(), read.Inputs["image"].Bytes.ToArray());
            Assert.Equal("Float[28, 28]", read.Inputs["image"].ToString());
            Assert.Equal(sample.Target?.Bytes.ToArray(), read.Target?.Bytes.ToArray());
        }
    }

    [Fact]
    public void Content_becomes_smaller_or_stays_as_it_is()
    {
        int plain = SampleCodec.Write(Image(isLabelled: true)).Length;
        Assert.InRange(SampleCodec.Write(Image(isLabelled: true), SampleCompression.Brotli).Length, 1, plain / 2);
        Assert.InRange(SampleCodec.Write(Image(isLabelled: true), SampleCompression.ZLib).Length, 1, plain / 2);

        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        var sample = new Sample("x", SampleTensor.Of<byte>(noise, 5000), SampleTensor.Scalar(1L));
        Assert.Equal(SampleCodec.Write(sample), SampleCodec.Write(sample, SampleCompression.Brotli));
        Assert.Equal(SampleCodec.Write(sample), SampleCodec.Write(sample, SampleCompression.ZLib));
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public void Any_changed_bit_and_any_cut_is_noticed(SampleCompression compression)
    {
        byte[] bytes = SampleCodec.Write(TinyClassifier.Samples(1).Single(), compression);
        for (int place = 0; place < bytes.Length; place++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[place] ^= (byte)(1 << bit);
                // The first version had no checksum.
                if (changed[0] != 1)
                    Assert.Throws<SampleStoreException>(() => SampleCodec.Read(changed, Names));
            }

            Assert.Throws<SampleStoreException>(() => SampleCodec.Read(bytes[..place], Names));
        }
    }

    [Fact]
    public async Task A_store_reads_what_was_compressed_in_another_way()
    {
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(100));
        foreach (var compression in Enum.GetValues<SampleCompression>())
        {
            store.Compression = compression;
            await store.AddAsync([new StoredSample(Image(isLabelled: true, key: $"{compression}"), SampleRole.Training)], Cancelled);
        }

        var samples = (await store.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(["None", "Brotli", "ZLib"], samples.Select(static sample => sample.Key));
        Assert.All(samples, static sample => Assert.Equal(Image(true).Inputs["image"].Bytes.ToArray(), sample.Inputs["image"].Bytes.ToArray()));
    }

    [Fact]
    public async Task A_sample_that_is_damaged_is_left_out_and_the_others_are_used()
    {
        using var store = new SqliteSampleStore(_folder["samples.db"], new SampleLimits(3) { Retention = RetentionStrategy.Reservoir });
        await store.AddAsync(StoredSamples.Tiny(3), Cancelled);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["samples.db"]};Pooling=False"))
        {
            connection.Open();
            using var command = SampleDatabase.Command(connection, "UPDATE samples SET content = zeroblob(size) WHERE id = 2");
            command.ExecuteNonQuery();
        }

        var problems = Parts.Problems(TimeProvider.System);
        using var metrics = new FineTuningMetrics();
        var watched = new WatchedSampleStore(store, problems, metrics);
        var snapshot = await watched.TakeSnapshotAsync(Cancelled);
        Assert.Equal(2, snapshot.Training.Count);
        Assert.Contains(StoredSamples.Tiny(3)[1].Sample.Key, Assert.Single(snapshot.Damaged), StringComparison.Ordinal);
        await watched.CountAsync(Cancelled);
        Assert.Contains("1 samples are damaged", Assert.Single(problems.Current).Message, StringComparison.Ordinal);
        await watched.ReleaseSnapshotAsync(snapshot.Id, used: true, Cancelled);

        // It is the first to go when there is no room.
        await watched.AddAsync(StoredSamples.Tiny(1, seed: 2), Cancelled);
        Assert.Equal(new SampleCounts(3, 0, 1), await watched.CountAsync(Cancelled));
        Assert.Empty(problems.Current);
    }

    private static Sample Image(bool isLabelled, string? key = null)
    {
        float[] pixels = new float[28 * 28];
        for (int index = 200; index < 400; index += 3)
            pixels[index] = index / 400f;
        return new Sample("image", SampleTensor.Of<float>(pixels, 28, 28), isLabelled ? SampleTensor.Scalar(7L) : null, key);
    }
}
