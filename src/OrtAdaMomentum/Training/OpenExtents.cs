using System.Globalization;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>Samples with extents of their own: which of them go into one batch, in which order, and how they are put there.</summary>
/// <param name="data">The data.</param>
/// <param name="filled">The column whose samples are filled up to the longest of a batch, because the loss knows where they end; null for none.</param>
internal sealed class OpenExtents(IDataset data, string? filled)
{
    // Enough samples to find some of equal extents among, few enough that the batches of an epoch stay mixed.
    private const int BatchesSortedTogether = 16;

    private readonly string[] _columns = [.. data.Columns.Where(column => column.IsOpen && column.Name != filled).Select(static column => column.Name)];

    /// <summary>
    /// The samples in groups that agree in their extents. The groups are in the order in which they first occur, and so are the samples of each.
    /// </summary>
    public IReadOnlyList<int[]> Group(ReadOnlyMemory<int> samples) =>
        [.. samples.ToArray().GroupBy(Key).Select(static group => group.ToArray())];

    /// <summary>
    /// Moves samples of equal extents into the same batches. The batches stay in an order that only the given one decides, and what is over at the end stays as it
    /// is, so that no extents come before others.
    /// </summary>
    public int[] Order(int[] order, int batchSize)
    {
        int full = order.Length - (order.Length % batchSize);
        var sorted = new List<int>(order.Length);
        foreach (var window in order.Take(full).Chunk(batchSize * BatchesSortedTogether))
        {
            sorted.AddRange(window.Index()
                .OrderBy(sample => Key(sample.Item), StringComparer.Ordinal)
                .Chunk(batchSize)
                .OrderBy(static batch => batch.Min(static sample => sample.Index))
                .SelectMany(static batch => batch.Select(static sample => sample.Item)));
        }

        return [.. sorted, .. order.AsSpan(full)];
    }

    /// <summary>Reads samples of an open column into a tensor, one after the other.</summary>
    /// <exception cref="FineTuningException">One of them has another shape than the tensor has for a sample.</exception>
    public static void Read(IDataset data, ReadOnlySpan<int> samples, NativeTensor tensor, bool isFilled)
    {
        // What sequences are filled up with is -1, all of whose bits are set.
        if (isFilled)
            tensor.Bytes.Fill(byte.MaxValue);
        int size = tensor.ByteLength / samples.Length;
        for (int index = 0; index < samples.Length; index++)
        {
            var place = tensor.Bytes.Slice(index * size, size);
            var shape = data.ShapeOf(tensor.Name, samples[index]);
            bool fits = isFilled ? shape.Count == 1 && shape[0] <= tensor.Shape[1] : shape.SequenceEqual(tensor.Shape.Skip(1));
            if (!fits)
            {
                throw new FineTuningException(
                    $"Sample {samples[index]} of '{tensor.Name}' has the shape [{string.Join(", ", shape)}], but the batch takes [{string.Join(", ", tensor.Shape.Skip(1))}].");
            }

            data.Read(tensor.Name, samples.Slice(index, 1), isFilled ? place[..(int)(size / tensor.Shape[1] * shape[0])] : place);
        }
    }

    /// <summary>The extents as text that sorts as the numbers do.</summary>
    private string Key(int sample) => string.Join(
        ',', _columns.SelectMany(column => data.ShapeOf(column, sample)).Select(static extent => extent.ToString("D19", CultureInfo.InvariantCulture)));
}
