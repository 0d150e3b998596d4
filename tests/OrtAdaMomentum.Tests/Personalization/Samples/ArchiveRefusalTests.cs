using System.Security.Cryptography;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Archives that are damaged, too large or not fit: nothing of them comes into the store.</summary>
public sealed class ArchiveRefusalTests : ArchivedStores
{
    [Fact]
    public async Task An_archive_that_is_cut_anywhere_adds_nothing()
    {
        byte[] archive = await ArchiveOf(Various(0, 3));
        using var target = Store("target.db");

        for (int length = 0; length < archive.Length; length += length < archive.Length - 60 ? 37 : 1)
            await Refused(target, archive[..length], "");

        Assert.Equal(0, (await target.CountAsync(Cancelled)).Total);
        Assert.Equal(3, (await Import(target, archive)).Added);
    }

    [Fact]
    public async Task An_archive_in_which_any_byte_was_changed_adds_nothing()
    {
        byte[] archive = await ArchiveOf(Various(0, 2));
        using var target = Store("target.db");

        for (int place = 0; place < archive.Length; place++)
        {
            byte[] changed = [.. archive];
            changed[place] ^= 0x11;
            await Refused(target, changed, "");
        }

        await Refused(target, [.. archive, 0], "behind the end");
        Assert.Equal(0, (await target.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task An_archive_beyond_a_limit_is_refused_before_it_takes_room()
    {
        byte[] archive = await ArchiveOf(Various(0, 20));
        using var target = Store("target.db");

        await Refused(target, archive, "more than 19 samples", new SampleImportOptions { MaximumSamples = 19 });
        await Refused(target, archive, "more than 500 bytes", new SampleImportOptions { MaximumBytes = 500 });
        await Refused(target, archive, "allowed are 1 to 20", new SampleImportOptions { MaximumSampleBytes = 20 });
        Assert.Equal(20, (await Import(target, archive, new SampleImportOptions { MaximumSamples = 20, MaximumBytes = archive.Length })).Added);

        // What is said to be a gigabyte but is not there takes no gigabyte.
        byte[] liar = [.. archive[..SampleArchive.HeaderSize], 0, 0, 0, 64];
        long before = GC.GetTotalAllocatedBytes();
        await Refused(target, liar, "is cut", new SampleImportOptions { MaximumSampleBytes = int.MaxValue });
        // Less than that by enough for what other tests take meanwhile.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 900L << 20);
    }

    [Fact]
    public async Task Content_that_grows_when_it_is_decompressed_is_held_to_the_limit()
    {
        using var source = Store("source.db");
        source.Compression = SampleCompression.Brotli;
        await source.AddAsync([new StoredSample(new Sample("x", SampleTensor.Of<byte>(new byte[1 << 20], 1 << 20), SampleTensor.Scalar(1L)), SampleRole.Training)], Cancelled);
        var (archive, _) = await Export(source);
        Assert.InRange(archive.Length, 1, 1000);
        using var target = Store("target.db");

        await Refused(target, archive, "out of its range", new SampleImportOptions { MaximumSampleBytes = 1 << 19 });

        Assert.Equal(1, (await Import(target, archive)).Added);
    }

    [Fact]
    public async Task A_sample_that_the_host_refuses_refuses_the_archive()
    {
        byte[] archive = await ArchiveOf(Various(0, 300));
        using var target = Store("target.db");
        var options = new SampleImportOptions
        {
            Check = static sample =>
            {
                if (sample.Key == "labelled 299")
                    throw new InvalidSampleException("not this one");
            },
        };

        await Refused(target, archive, "Sample 300 of the archive is refused", options);

        Assert.Equal(0, (await target.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_newer_version_is_refused()
    {
        using var source = Store("source.db");
        var (archive, _) = await Export(source);
        archive[SampleArchive.Magic.Length]++;
        SHA256.HashData(archive.AsSpan(..^32)).CopyTo(archive.AsSpan(archive.Length - 32));

        await Refused(source, archive, "version 2");
    }

    private static async Task Refused(SqliteSampleStore store, byte[] archive, string contained, SampleImportOptions? options = null)
    {
        var refusal = await Assert.ThrowsAsync<SampleArchiveException>(() => Import(store, archive, options));
        Assert.Contains(contained, refusal.Message, StringComparison.Ordinal);
    }
}
