using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>A tensor of a dataset: a model input or a target, one entry per sample.</summary>
/// <param name="Name">Name of the graph input it belongs to; targets are named as in the manifest (<c>labels</c>).</param>
/// <param name="ElementType">Element type.</param>
/// <param name="SampleShape">Shape of one sample, without the batch axis.</param>
public sealed record DatasetColumn(string Name, ElementType ElementType, IReadOnlyList<long> SampleShape)
{
    /// <summary>Elements of one sample.</summary>
    public long SampleLength => SampleShape.Aggregate(1L, static (product, extent) => checked(product * extent));
}

/// <summary>Samples of a fixed number, each with the same named tensors. Reading must be safe from several threads at once.</summary>
public interface IDataset
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>The tensors that every sample has.</summary>
    IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>
    /// Copies one column of the given samples, one after the other, into <paramref name="destination"/>, as little-endian elements of the
    /// column's type. Its length is the number of samples times the bytes of one.
    /// </summary>
    void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination);
}
