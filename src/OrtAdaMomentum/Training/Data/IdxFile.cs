using System.Buffers.Binary;
using System.IO.Compression;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// The IDX format of MNIST and its relatives: two zero bytes, a type, the number of axes, the extents, the elements; all big-endian. A file
/// that ends in <c>.gz</c> is decompressed while it is read.
/// </summary>
internal static class IdxFile
{
    private const int MostAxes = 8;

    public static NpyArray Read(string path, long limit)
    {
        using var file = DataFile.Open(path);
        string name = $"'{path}'";
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            return Read(new ByteSource(file, name, file.Length, limit));
        long capacity = (long)Int128.Min((Int128)file.Length * ByteSource.DeflateRatio, long.MaxValue);
        using var stream = new GZipStream(file, CompressionMode.Decompress);
        return Read(new ByteSource(stream, name, capacity, limit));
    }

    private static NpyArray Read(ByteSource source)
    {
        Span<byte> magic = stackalloc byte[4];
        source.Read(magic);
        var type = magic[2] switch
        {
            0x08 => ElementType.UInt8,
            0x09 => ElementType.Int8,
            0x0B => ElementType.Int16,
            0x0C => ElementType.Int32,
            0x0D => ElementType.Float,
            0x0E => ElementType.Double,
            _ => ElementType.Undefined,
        };
        if (magic[0] != 0 || magic[1] != 0 || type == ElementType.Undefined || magic[3] is 0 or > MostAxes)
            throw new DatasetException($"{source.Name} is not an IDX file: it begins with {Convert.ToHexString(magic)}.");

        long[] shape = new long[magic[3]];
        Span<byte> extent = stackalloc byte[sizeof(uint)];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            source.Read(extent);
            shape[axis] = BinaryPrimitives.ReadUInt32BigEndian(extent);
        }

        if (shape.Contains(0) || ShapeFit.Product(shape) > Array.MaxLength)
            throw new DatasetException($"{source.Name} has shape [{string.Join(", ", shape)}]; an array has 1 to {Array.MaxLength} elements.");
        byte[] bytes = source.Read(ShapeFit.Product(shape) * type.SizeInBytes());
        source.ExpectEnd();
        ByteSource.ReverseEndianness(bytes, type.SizeInBytes());
        return new NpyArray(type, shape, bytes);
    }
}
