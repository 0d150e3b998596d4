using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Data that holds up whoever reads it while training may not go on: an evaluation has no other place to wait at.</summary>
internal sealed class HeldDataset(IDataset data, TrainingHold hold, CancellationToken cancellationToken) : IDataset
{
    public int Count => data.Count;

    public IReadOnlyList<DatasetColumn> Columns => data.Columns;

    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        hold.Wait(cancellationToken);
        data.Read(column, samples, destination);
    }
}
