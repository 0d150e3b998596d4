using System.Runtime.InteropServices;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>A dataset held in memory.</summary>
public sealed class TensorDataset : IDataset
{
    private readonly Dictionary<string, byte[]> _data = [];
    private readonly List<DatasetColumn> _columns = [];

    /// <summary>An empty dataset of <paramref name="count"/> samples, to which columns are added.</summary>
    public TensorDataset(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DatasetColumn> Columns => _columns;

    /// <summary>Adds a column of single-precision numbers: <see cref="Count"/> samples of the given shape, one after the other.</summary>
    public TensorDataset Add(string name, ReadOnlySpan<float> values, params long[] sampleShape) =>
        Add(new DatasetColumn(name, ElementType.Float, sampleShape), MemoryMarshal.AsBytes(values));

    /// <summary>Adds a column of integers: <see cref="Count"/> samples of the given shape, one after the other.</summary>
    public TensorDataset Add(string name, ReadOnlySpan<long> values, params long[] sampleShape) =>
        Add(new DatasetColumn(name, ElementType.Int64, sampleShape), MemoryMarshal.AsBytes(values));

    /// <summary>Adds a column given as bytes of little-endian elements.</summary>
    public TensorDataset Add(DatasetColumn column, ReadOnlySpan<byte> bytes) => AddOwned(column, bytes.ToArray());

    /// <summary>Adds a column whose bytes the dataset keeps as they are, without a copy; the caller must not change them any more.</summary>
    internal TensorDataset AddOwned(DatasetColumn column, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(column);
        long expected = checked(Count * column.SampleLength * column.ElementType.SizeInBytes());
        if (bytes.Length != expected)
        {
            throw new FineTuningException(
                $"Column '{column.Name}' has {bytes.Length} bytes, but {Count} samples of {column.ElementType}[{string.Join(", ", column.SampleShape)}] take {expected}.");
        }

        if (!_data.TryAdd(column.Name, bytes))
            throw new FineTuningException($"The dataset already has a column named '{column.Name}'.");
        _columns.Add(column);
        return this;
    }

    /// <inheritdoc/>
    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        if (!_data.TryGetValue(column, out byte[]? source))
            throw new FineTuningException($"The dataset has no column named '{column}'. Columns: {string.Join(", ", _columns.Select(static c => c.Name))}.");
        int size = Count == 0 ? 0 : source.Length / Count;
        for (int index = 0; index < samples.Length; index++)
            source.AsSpan(samples[index] * size, size).CopyTo(destination.Slice(index * size, size));
    }
}
