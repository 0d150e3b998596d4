using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Moves samples from the queue into the store, and tells those who brought them.</summary>
internal sealed class SamplePump(
    SampleIngest ingest, ISampleStore store, FineTuningMetrics metrics, FineTuningMonitor monitor, ILogger<SamplePump> logger, VersionWatch? watch = null)
{
    /// <summary>Runs until the queue is closed and empty.</summary>
    /// <param name="stored">Called after each stored batch.</param>
    public async Task RunAsync(Action stored)
    {
        while (await ingest.TakeAsync().ConfigureAwait(false) is { Count: > 0 } batch)
        {
            try
            {
                // Not cancelled at a stop: what was taken out of the queue is stored before the service ends.
                if (batch[0] is PendingCorrection correction)
                    await CorrectAsync(correction).ConfigureAwait(false);
                else
                    await StoreAsync([.. batch.Cast<PendingSample>()]).ConfigureAwait(false);
                stored();
            }
#pragma warning disable CA1031 // Whatever the store throws goes to those whose samples it was; the pump goes on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Log.StoringFailed(logger, error, batch.Count);
                foreach (var pending in batch)
                    pending.Done.TrySetException(error);
            }
            finally
            {
                ingest.Stored(batch);
            }
        }
    }

    private async ValueTask StoreAsync(IReadOnlyList<PendingSample> batch)
    {
        int added = await store.AddAsync([.. batch.Select(static pending => pending.Sample)], CancellationToken.None).ConfigureAwait(false);
        // One that was there before may have been learned from, and of a batch it is not known which it was.
        if (added == batch.Count)
            watch?.Offer(batch.Select(static pending => pending.Sample.Sample));
        foreach (var pending in batch)
            pending.Done.TrySetResult(true);
        metrics.SamplesStored(added, batch.Count - added);
        if (added > 0)
            monitor.SamplesStored(added);
    }

    private async ValueTask CorrectAsync(PendingCorrection correction)
    {
        var corrected = await store.CorrectAsync(correction.Key, correction.Target, CancellationToken.None).ConfigureAwait(false);
        if (corrected is not null)
            metrics.SampleCorrected();
        if (corrected is { IsChanged: true })
            watch?.Offer(corrected);
        correction.Done.TrySetResult(corrected is not null);
    }
}
