using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Data that lets whoever reads it wait as training does between steps: an evaluation has no other place to wait at.</summary>
internal sealed class PacedDataset(IDataset data, TrainingPace pace, CancellationToken cancellationToken) : IDataset
{
    public int Count => data.Count;

    public IReadOnlyList<DatasetColumn> Columns => data.Columns;

    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        pace.Wait(cancellationToken);
        data.Read(column, samples, destination);
    }

    public IReadOnlyList<long> ShapeOf(string column, int sample) => data.ShapeOf(column, sample);
}
