using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples that leave one store in an archive and come into another.</summary>
public sealed class SampleArchiveTests : ArchivedStores
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task All_that_a_store_knows_of_its_samples_is_there_again(bool fromEncrypted, bool toEncrypted)
    {
        using var source = Store("source.db", fromEncrypted);
        await source.AddAsync(Various(0, 10), Cancelled);
        await source.UseAllAsync(Cancelled);
        Time.Advance(TimeSpan.FromDays(2));
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
        byte[] archive = await ArchiveOf(Various(0, 20));
        using var target = Store("target.db");
        await target.AddAsync(Various(5, 3), Cancelled);
        await target.CorrectAsync("labelled 6", SampleTensor.Scalar(77L), Cancelled);

        Assert.Equal(new SampleImportResult(17, 3), await Import(target, archive));
        Assert.Equal(new SampleImportResult(0, 20), await Import(target, archive));

        Assert.Equal(20, (await target.CountAsync(Cancelled)).Total);
        Assert.Contains((await target.TakeSnapshotAsync(Cancelled)).Training, static sample => sample.Key == "labelled 6" && sample.Target!.Values<long>()[0] == 77);
    }

    [Fact]
    public async Task An_import_that_failed_or_was_interrupted_leaves_nothing_in_the_file()
    {
        byte[] archive = await ArchiveOf(Various(0, 300));
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
        byte[] archive = await ArchiveOf(Various(0, 300));
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
        byte[] archive = await ArchiveOf(Various(0, 40));
        using var target = Store("target.db");
        target.Limits = new SampleLimits(10);

        Assert.Equal(40, (await Import(target, archive)).Added);
        Assert.Equal(10, (await target.CountAsync(Cancelled)).Total);
    }

    private static string Describe(Sample sample) =>
        $"{sample.Key} {sample.Subject} {sample.Source} {sample.Target!.Values<long>()[0]} {string.Join(',', sample.Inputs["x"].Values<float>().ToArray())}";

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
