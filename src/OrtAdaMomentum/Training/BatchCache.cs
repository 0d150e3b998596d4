using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>
/// The batches of one run: a full one, and a smaller one for what is left at the end. Data whose samples have extents of their own needs one for each size and
/// extents, of which the latest are kept.
/// </summary>
internal sealed class BatchCache(FineTuningSession session, IDataset data) : IDisposable
{
    private const int MostKept = 32;
    private const long MostBytesKept = 64 << 20;

    // The latest one used is the last.
    private readonly List<(string Shapes, TrainingBatch Batch)> _batches = [];
    private readonly OpenExtents? _open = data.Columns.Any(static column => column.IsOpen)
        ? new OpenExtents(data, session.Padding)
        : null;

    /// <summary>The order to take samples in, so that many of a batch agree in their extents; the given one where all do.</summary>
    public int[] Order(int[] order, int batchSize) => _open?.Order(order, batchSize) ?? order;

    /// <summary>Batches that hold the samples, each once; one batch where all agree in their extents. Each is valid until the next is asked for.</summary>
    public IEnumerable<TrainingBatch> Of(ReadOnlyMemory<int> samples)
    {
        if (_open is null)
        {
            yield return Filled(samples.Span, $"{samples.Length}", size => session.CreateBatch(size, data));
            yield break;
        }

        foreach (int[] group in _open.Group(samples))
        {
            var shapes = BatchShapes.Resolve(session.Manifest, data, group, session.Padding);
            string key = string.Join(';', shapes.Values.Select(static shape => string.Join(',', shape)));
            yield return Filled(group, key, size => new TrainingBatch(session.Manifest, size, shapes, session.Padding));
        }
    }

    public void Dispose()
    {
        foreach (var (_, batch) in _batches)
            batch.Dispose();
    }

    private TrainingBatch Filled(ReadOnlySpan<int> samples, string shapes, Func<int, TrainingBatch> create)
    {
        int place = _batches.FindIndex(known => known.Shapes == shapes);
        var batch = place < 0 ? create(samples.Length) : _batches[place].Batch;
        if (place >= 0)
            _batches.RemoveAt(place);
        _batches.Add((shapes, batch));
        while (_batches.Count > 1 && (_batches.Count > MostKept || _batches.Sum(static kept => kept.Batch.ByteLength) > MostBytesKept))
        {
            _batches[0].Batch.Dispose();
            _batches.RemoveAt(0);
        }

        batch.Fill(data, samples);
        return batch;
    }
}
