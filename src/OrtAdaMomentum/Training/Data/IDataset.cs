using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>A tensor of a dataset: a model input or a target, one entry per sample.</summary>
/// <param name="Name">Name of the graph input it belongs to; targets are named as in the manifest (<c>labels</c>).</param>
/// <param name="ElementType">Element type.</param>
/// <param name="SampleShape">
/// Shape of one sample, without the batch axis; <see cref="OpenExtent"/> for an axis on which each sample has an extent of its own, which
/// <see cref="IDataset.ShapeOf"/> tells.
/// </param>
public sealed record DatasetColumn(string Name, ElementType ElementType, IReadOnlyList<long> SampleShape)
{
    /// <summary>Stands for an extent that is each sample's own.</summary>
    public const long OpenExtent = -1;

    /// <summary>Whether samples have extents of their own on some axis.</summary>
    public bool IsOpen => SampleShape.Contains(OpenExtent);

    /// <summary>Elements of one sample.</summary>
    /// <exception cref="InvalidOperationException">Each sample has a length of its own.</exception>
    public long SampleLength => IsOpen
        ? throw new InvalidOperationException($"Each sample of '{Name}' has a length of its own; ask the dataset for its shape.")
        : SampleShape.Aggregate(1L, static (product, extent) => checked(product * extent));
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
    /// column's type. Its length is the sum of the samples' bytes.
    /// </summary>
    void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination);

    /// <summary>
    /// The shape of one sample of a column. A dataset whose samples have extents of their own says them here; by default it is the column's.
    /// </summary>
    /// <exception cref="FineTuningException">There is no such column.</exception>
    IReadOnlyList<long> ShapeOf(string column, int sample) =>
        Columns.FirstOrDefault(known => known.Name == column)?.SampleShape
        ?? throw new FineTuningException($"The dataset has no column named '{column}'. Columns: {string.Join(", ", Columns.Select(static known => known.Name))}.");
}
