namespace OrtAdaMomentum.Personalization;

/// <summary>Moves samples between a store and archives, some at a time, so that the store is used meanwhile.</summary>
internal sealed class SampleTransfer(SampleFile file, TimeProvider time)
{
    private const int Batch = 128;

    // What waits to be kept; large samples make smaller batches.
    private const long BatchBytes = 4 << 20;

    public async Task<SampleExportResult> ExportAsync(Stream destination, CancellationToken cancellationToken)
    {
        using var writer = new SampleArchiveWriter(destination);
        await writer.BeginAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        long last = file.Use(static session => session.Commit(() => session.Number("SELECT coalesce(max(id), 0) FROM samples")));
        long? place = 0;
        long damaged = 0;
        while (place is { } behind)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = file.Use(session => session.Commit(() => ExportTable.Read(session, behind, last)));
            foreach (var sample in read.Samples)
                await writer.WriteAsync(sample, cancellationToken).ConfigureAwait(false);
            place = read.Last;
            damaged += read.Damaged;
        }

        await writer.EndAsync(cancellationToken).ConfigureAwait(false);
        return new SampleExportResult(writer.Count, damaged);
    }

    /// <param name="source">The archive.</param>
    /// <param name="limits">What it may have.</param>
    /// <param name="limit">Holds the store to its limits afterwards.</param>
    /// <param name="cancellationToken">Ends the call; nothing is added then.</param>
    public async Task<SampleImportResult> ImportAsync(
        Stream source, SampleImportOptions limits, Action<SampleSession> limit, CancellationToken cancellationToken)
    {
        file.Use(static session => session.Commit(() => ImportTable.Clear(session)));
        try
        {
            var (number, kept) = await StageAsync(new SampleArchiveReader(source, limits), limits, cancellationToken).ConfigureAwait(false);
            return file.Use(session => session.Commit(() =>
            {
                long added = ImportTable.Take(session, kept);
                limit(session);
                return new SampleImportResult(added, number - added);
            }));
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    private async Task<(long Number, long Kept)> StageAsync(SampleArchiveReader reader, SampleImportOptions limits, CancellationToken cancellationToken)
    {
        var batch = new List<(ArchivedSample, Sample)>();
        long bytes = 0, number = 0, kept = 0;
        await foreach (var archived in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batch.Add((archived, Check(archived, ++number, limits)));
            bytes += archived.Content.Length;
            if (batch.Count < Batch && bytes < BatchBytes)
                continue;
            kept += Keep(batch);
            bytes = 0;
        }

        return (number, kept + Keep(batch));
    }

    private static Sample Check(ArchivedSample archived, long number, SampleImportOptions limits)
    {
        try
        {
            var sample = SampleCodec.Read(archived.Content, archived.Names, limits.MaximumSampleBytes);
            limits.Check?.Invoke(sample);
            return sample;
        }
        catch (FineTuningException problem)
        {
            throw new SampleArchiveException($"Sample {number} of the archive is refused, and with it the archive: {problem.Message}", problem);
        }
    }

    private int Keep(List<(ArchivedSample, Sample)> batch)
    {
        int kept = file.Use(session => session.Commit(() => ImportTable.Stage(session, batch, time.GetUtcNow())));
        batch.Clear();
        return kept;
    }

    private void GiveUp()
    {
        try
        {
            file.Use(static session => session.Commit(() => ImportTable.Clear(session)));
        }
        catch (SampleStoreException)
        {
            // The next import, or the next time that the file is opened, does it.
        }
    }
}
