using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>Samples with extents of their own: which of them go into one batch, in which order, and how they are put there.</summary>
/// <param name="data">The data.</param>
/// <param name="padding">The tensors whose samples are filled up to the longest of a batch; samples have to agree in the extents of all others.</param>
internal sealed class OpenExtents(IDataset data, BatchPadding padding)
{
    // Enough samples to find some of equal extents among, few enough that the batches of an epoch stay mixed.
    private const int BatchesSortedTogether = 16;

    private readonly string[] _columns = [.. data.Columns.Where(column => column.IsOpen && !padding.Fills(column.Name)).Select(static column => column.Name)];
    private readonly string[] _filled = padding.FillsInputs
        ? [.. data.Columns.Where(column => column.IsOpen && padding.Fills(column.Name)).Select(static column => column.Name)]
        : [];

    /// <summary>
    /// The samples in groups that agree in their extents. The groups are in the order in which they first occur, and so are the samples of each.
    /// </summary>
    public IReadOnlyList<int[]> Group(ReadOnlyMemory<int> samples) =>
        [.. samples.ToArray().GroupBy(sample => Key(_columns, sample)).Select(static group => group.ToArray())];

    /// <summary>
    /// Moves samples of equal extents into the same batches, and where they are filled up those that are about as long. The batches stay in an order that only the
    /// given one decides, and what is over at the end stays as it is, so that no extents come before others.
    /// </summary>
    public int[] Order(int[] order, int batchSize)
    {
        int full = order.Length - (order.Length % batchSize);
        var sorted = new List<int>(order.Length);
        foreach (var window in order.Take(full).Chunk(batchSize * BatchesSortedTogether))
        {
            sorted.AddRange(window.Index()
                .OrderBy(sample => Key([.. _columns, .. _filled], sample.Item), StringComparer.Ordinal)
                .Chunk(batchSize)
                .OrderBy(static batch => batch.Min(static sample => sample.Index))
                .SelectMany(static batch => batch.Select(static sample => sample.Item)));
        }

        return [.. sorted, .. order.AsSpan(full)];
    }

    /// <summary>Reads samples of an open column into a tensor, one after the other.</summary>
    /// <param name="data">The data.</param>
    /// <param name="samples">Which samples.</param>
    /// <param name="tensor">Where to.</param>
    /// <param name="filling">The element that shorter samples are filled up with; null where none may be shorter.</param>
    /// <exception cref="FineTuningException">One of them has another shape than the tensor has room for.</exception>
    public static void Read(IDataset data, ReadOnlySpan<int> samples, NativeTensor tensor, byte[]? filling)
    {
        long[] room = tensor.Shape[1..];
        int size = tensor.ByteLength / samples.Length;
        for (int index = 0; index < samples.Length; index++)
        {
            var place = tensor.Bytes.Slice(index * size, size);
            long[] shape = [.. data.ShapeOf(tensor.Name, samples[index])];
            bool isWhole = shape.AsSpan().SequenceEqual(room);
            if (!isWhole && (filling is null || shape.Length != room.Length || shape.Zip(room).Any(static axis => axis.First > axis.Second)))
            {
                throw new FineTuningException(
                    $"Sample {samples[index]} of '{tensor.Name}' has the shape [{string.Join(", ", shape)}], but the batch takes [{string.Join(", ", room)}].");
            }

            if (isWhole)
            {
                data.Read(tensor.Name, samples.Slice(index, 1), place);
                continue;
            }

            byte[] own = new byte[ShapeFit.Product(shape) * tensor.ElementType.SizeInBytes()];
            data.Read(tensor.Name, samples.Slice(index, 1), own);
            for (int start = 0; start < place.Length; start += filling!.Length)
                filling.CopyTo(place[start..]);
            Copy(own, shape, place, room);
        }
    }

    /// <summary>Copies a tensor into the front corner of a larger one.</summary>
    private static void Copy(ReadOnlySpan<byte> from, ReadOnlySpan<long> shape, Span<byte> to, ReadOnlySpan<long> room)
    {
        if (from.IsEmpty || shape.IsEmpty || shape[1..].SequenceEqual(room[1..]))
        {
            from.CopyTo(to);
            return;
        }

        int taken = from.Length / (int)shape[0], left = to.Length / (int)room[0];
        for (int index = 0; index < shape[0]; index++)
            Copy(from.Slice(index * taken, taken), shape[1..], to.Slice(index * left, left), room[1..]);
    }

    /// <summary>The extents as text that sorts as the numbers do.</summary>
    private string Key(string[] columns, int sample) => string.Join(
        ',', columns.SelectMany(column => data.ShapeOf(column, sample)).Select(static extent => extent.ToString("D19", CultureInfo.InvariantCulture)));
}
