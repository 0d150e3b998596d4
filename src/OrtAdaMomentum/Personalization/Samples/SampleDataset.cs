using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Samples of a snapshot, seen as a dataset.</summary>
internal sealed class SampleDataset(SampleSchema schema, IReadOnlyList<Sample> samples) : IDataset
{
    public int Count => samples.Count;

    public IReadOnlyList<DatasetColumn> Columns => schema.Columns;

    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        int place = 0;
        foreach (int index in samples)
        {
            var bytes = TensorOf(index, column).Bytes.Span;
            bytes.CopyTo(destination[place..]);
            place += bytes.Length;
        }
    }

    public IReadOnlyList<long> ShapeOf(string column, int sample) => TensorOf(sample, column).Shape;

    private SampleTensor TensorOf(int index, string column) =>
        // Snapshots hold no samples without a target.
        column == schema.Target.Name ? samples[index].Target! : samples[index].Inputs[column];
}
