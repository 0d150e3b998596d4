using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>The batches of one run by size: the full one, and a smaller one for what is left at the end.</summary>
internal sealed class BatchCache(FineTuningSession session, IDataset data) : IDisposable
{
    private readonly Dictionary<int, TrainingBatch> _batches = [];

    public TrainingBatch Filled(ReadOnlySpan<int> samples)
    {
        if (!_batches.TryGetValue(samples.Length, out var batch))
            _batches[samples.Length] = batch = session.CreateBatch(samples.Length, data);
        batch.Fill(data, samples);
        return batch;
    }

    public void Dispose()
    {
        foreach (var batch in _batches.Values)
            batch.Dispose();
    }
}
