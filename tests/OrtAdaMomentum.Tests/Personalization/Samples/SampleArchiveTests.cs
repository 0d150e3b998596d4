using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples that leave one store in an archive and come into another.</summary>
public sealed class SampleArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task All_that_a_store_knows_of_its_samples_is_there_again(bool fromEncrypted, bool toEncrypted)
    {
        using var source = Store("source.db", fromEncrypted);
        await source.AddAsync(Various(0, 10), Cancelled);
        await source.UseAllAsync(Cancelled);
        _time.Advance(TimeSpan.FromDays(2));
        await source.AddAsync(Various(10, 6), Cancelled);
        // A run that is under way has used nothing yet.
        var running = await source.TakeSnapshotAsync(Cancelled);
        await source.AddAsync(Various(16, 300), Cancelled);
        var (archive, exported) = await Export(source);
        Assert.Equal(new SampleExportResult(316, 0), exported);

        using var target = Store("target.db", toEncrypted);
        Assert.Equal(new SampleImportResult(316, 0), await Import(target, archive));

        await source.ReleaseSnapshotAsync(running.Id, used: false, Cancelled);
        Assert.Equal(await source.CountAsync(Cancelled), await target.CountAsync(Cancelled));
        Assert.Equal(
            (await source.CountBySourceAsync(Cancelled)).OrderBy(static pair => pair.Key, StringComparer.Ordinal),
            (await target.CountBySourceAsync(Cancelled)).OrderBy(static pair => pair.Key, StringComparer.Ordinal));
        var (expected, found) = (await source.TakeSnapshotAsync(Cancelled), await target.TakeSnapshotAsync(Cancelled));
        Assert.Equal(expected.Training.Select(Describe), found.Training.Select(Describe));
        Assert.Equal(expected.HeldOut.Select(Describe), found.HeldOut.Select(Describe));
        Assert.NotNull(await target.CorrectAsync("waiting 3", SampleTensor.Scalar(1L), Cancelled));
        Assert.Equal(await source.ForgetSubjectAsync("subject 1", Cancelled), await target.ForgetSubjectAsync("subject 1", Cancelled));

        // Times too: those of the first day are too old when the others are not.
        target.Limits = new SampleLimits(1000, Age: TimeSpan.FromDays(1));
        await target.AddAsync(Various(999, 1), Cancelled);
        Assert.DoesNotContain((await target.TakeSnapshotAsync(Cancelled)).Training, static sample => sample.Key == "labelled 1");
        Assert.Contains((await target.TakeSnapshotAsync(Cancelled)).Training, static sample => sample.Key == "labelled 11");
    }

    [Fact]
    public async Task Importing_twice_adds_nothing_and_changes_nothing()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 20), Cancelled);
        var (archive, _) = await Export(source);
        using var target = Store("target.db");
        await target.AddAsync(Various(5, 3), Cancelled);
        await target.CorrectAsync("labelled 6", SampleTensor.Scalar(77L), Cancelled);

        Assert.Equal(new SampleImportResult(17, 3), await Import(target, archive));
        Assert.Equal(new SampleImportResult(0, 20), await Import(target, archive));

        Assert.Equal(20, (await target.CountAsync(Cancelled)).Total);
        Assert.Contains((await target.TakeSnapshotAsync(Cancelled)).Training, static sample => sample.Key == "labelled 6" && sample.Target!.Values<long>()[0] == 77);
    }

    [Fact]
    public async Task An_archive_that_is_cut_anywhere_adds_nothing()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 3), Cancelled);
        var (archive, _) = await Export(source);
        using var target = Store("target.db");

        for (int length = 0; length < archive.Length; length += length < archive.Length - 60 ? 37 : 1)
            await Refused(target, archive[..length], "");

        Assert.Equal(0, (await target.CountAsync(Cancelled)).Total);
        Assert.Equal(3, (await Import(target, archive)).Added);
    }

    [Fact]
    public async Task An_archive_in_which_any_byte_was_changed_adds_nothing()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 2), Cancelled);
        var (archive, _) = await Export(source);
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
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 20), Cancelled);
        var (archive, _) = await Export(source);
        using var target = Store("target.db");

        await Refused(target, archive, "more than 19 samples", new SampleImportOptions { MaximumSamples = 19 });
        await Refused(target, archive, "more than 500 bytes", new SampleImportOptions { MaximumBytes = 500 });
        await Refused(target, archive, "allowed are 1 to 20", new SampleImportOptions { MaximumSampleBytes = 20 });
        Assert.Equal(20, (await Import(target, archive, new SampleImportOptions { MaximumSamples = 20, MaximumBytes = archive.Length })).Added);

        // What is said to be a gigabyte but is not there takes no gigabyte.
        byte[] liar = [.. archive[..SampleArchive.HeaderSize], 0, 0, 0, 64];
        long before = GC.GetAllocatedBytesForCurrentThread();
        await Refused(target, liar, "is cut", new SampleImportOptions { MaximumSampleBytes = int.MaxValue });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
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
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 300), Cancelled);
        var (archive, _) = await Export(source);
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

    [Fact]
    public async Task An_import_that_failed_or_was_interrupted_leaves_nothing_in_the_file()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 300), Cancelled);
        var (archive, _) = await Export(source);
        using (var target = Store("target.db"))
        {
            using var interruption = new CancellationTokenSource();
            var stream = new InterruptedStream(archive, interruption, after: archive.Length - 40);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.ImportAsync(stream, null, interruption.Token));
            Assert.Equal(0L, Number("target.db", "SELECT count(*) FROM imported"));

            // The file is opened anew while the archive is read, as after a fault: what was kept until then is gone.
            stream = new InterruptedStream(archive, null, after: archive.Length - 40, target.Reopen);
            await Assert.ThrowsAsync<SampleStoreException>(() => target.ImportAsync(stream, null, Cancelled));
        }

        using var again = Store("target.db");
        Assert.Equal(0, (await again.CountAsync(Cancelled)).Total);
        Assert.Equal(300, (await Import(again, archive)).Added);
    }

    [Fact]
    public async Task A_subject_that_is_forgotten_while_its_samples_are_imported_does_not_come_with_them()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 300), Cancelled);
        var (archive, _) = await Export(source);
        using var target = Store("target.db");
        var stream = new InterruptedStream(
            archive, null, after: archive.Length - 40, () => target.ForgetSubjectAsync("subject 1", Cancelled).AsTask().Wait(Cancelled));

        await Assert.ThrowsAsync<SampleStoreException>(() => target.ImportAsync(stream, null, Cancelled));

        Assert.Equal(0, (await target.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Damaged_samples_are_left_out_and_counted()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 20), Cancelled);
        Number("source.db", "UPDATE samples SET content = zeroblob(40) WHERE id = 3 RETURNING 1");

        var (archive, exported) = await Export(source);

        Assert.Equal(new SampleExportResult(19, 1), exported);
        using var target = Store("target.db");
        Assert.Equal(19, (await Import(target, archive)).Added);
    }

    [Fact]
    public async Task Imported_samples_are_held_to_the_limits()
    {
        using var source = Store("source.db");
        await source.AddAsync(Various(0, 40), Cancelled);
        var (archive, _) = await Export(source);
        using var target = Store("target.db");
        target.Limits = new SampleLimits(10);

        Assert.Equal(40, (await Import(target, archive)).Added);
        Assert.Equal(10, (await target.CountAsync(Cancelled)).Total);
    }

    private static StoredSample[] Various(int start, int count) =>
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

    private static string Describe(Sample sample) =>
        $"{sample.Key} {sample.Subject} {sample.Source} {sample.Target!.Values<long>()[0]} {string.Join(',', sample.Inputs["x"].Values<float>().ToArray())}";

    private static async Task<(byte[] Archive, SampleExportResult Result)> Export(SqliteSampleStore store)
    {
        using var stream = new MemoryStream();
        var result = await store.ExportAsync(stream, Cancelled);
        return (stream.ToArray(), result);
    }

    private static Task<SampleImportResult> Import(SqliteSampleStore store, byte[] archive, SampleImportOptions? options = null) =>
        store.ImportAsync(new MemoryStream(archive), options, Cancelled);

    private static async Task Refused(SqliteSampleStore store, byte[] archive, string contained, SampleImportOptions? options = null)
    {
        var refusal = await Assert.ThrowsAsync<SampleArchiveException>(() => Import(store, archive, options));
        Assert.Contains(contained, refusal.Message, StringComparison.Ordinal);
    }

    private SqliteSampleStore Store(string name, bool isEncrypted = false) =>
        new(_folder[name], new SampleLimits(1000), _time) { Encryption = isEncrypted ? KeyFile.Create(_folder[name + ".key"]) : null };

    private long Number(string name, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder[name]};Pooling=False");
        connection.Open();
        return SampleDatabase.Number(connection, sql);
    }

    /// <summary>A stream at some place of which something happens.</summary>
    private sealed class InterruptedStream(byte[] content, CancellationTokenSource? interruption, int after, Action? then = null) : MemoryStream(content)
    {
        private bool _happened;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // In small pieces, so that it is not all read at once.
            if (Position >= after && !_happened)
            {
                _happened = true;
                interruption?.Cancel();
                then?.Invoke();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 512)], cancellationToken);
        }
    }
}
