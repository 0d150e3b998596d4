using System.Buffers.Binary;
using System.Text;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>The .npy file format, versions 1 to 3.</summary>
internal static class NpyFormat
{
    private const int Alignment = 64;
    private const int PrefixLength = 8;
    private const int LongestHeader = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static NpyArray Read(ByteSource source)
    {
        var header = ReadHeader(source);
        (ElementType type, bool bigEndian) = NpyTypes.Parse(header.Description!, source.Name);
        long[] shape = header.Shape!;
        if (header.FortranOrder == true)
            throw new DatasetException($"{source.Name} is stored in Fortran order. Save numpy.ascontiguousarray(array) instead.");

        // Extents of 0 count as 1 here: an empty array may not have a shape that overflows either.
        if (ShapeFit.Product(shape.Select(static extent => Math.Max(extent, 1))) > Array.MaxLength)
            throw new DatasetException($"{source.Name} has shape [{string.Join(", ", shape)}]; one array can have {Array.MaxLength} elements.");
        byte[] bytes = source.Read(ShapeFit.Product(shape) * type.SizeInBytes());
        source.ExpectEnd();
        if (bigEndian)
            ByteSource.ReverseEndianness(bytes, type.SizeInBytes());
        return new NpyArray(type, shape, bytes);
    }

    public static void Write(Stream stream, NpyArray array)
    {
        string shape = array.Shape.Count == 1 ? $"({array.Shape[0]},)" : $"({string.Join(", ", array.Shape)})";
        string header = $"{{'descr': '{NpyTypes.Describe(array.ElementType)}', 'fortran_order': False, 'shape': {shape}, }}";
        // The array starts at a multiple of 64 bytes, so that a reader can map it; the header ends with a line feed.
        int length = header.Length + 1;
        int total = (PrefixLength + sizeof(ushort) + length + Alignment - 1) / Alignment * Alignment;
        byte[] bytes = new byte[total];
        bytes.AsSpan().Fill((byte)' ');
        Magic.CopyTo(bytes);
        bytes[6] = 1;
        bytes[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PrefixLength), checked((ushort)(total - PrefixLength - sizeof(ushort))));
        Encoding.ASCII.GetBytes(header, bytes.AsSpan(PrefixLength + sizeof(ushort)));
        bytes[^1] = (byte)'\n';
        stream.Write(bytes);
        stream.Write(array.Bytes);
    }

    private static NpyHeader ReadHeader(ByteSource source)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        source.Read(prefix);
        if (!prefix[..Magic.Length].SequenceEqual(Magic))
            throw new DatasetException($"{source.Name} is not a NumPy array file.");
        int version = prefix[6];
        if (version is < 1 or > 3)
            throw new DatasetException($"{source.Name} is written in version {version}.{prefix[7]} of the NumPy format; versions 1 to 3 are known.");

        Span<byte> size = stackalloc byte[version == 1 ? sizeof(ushort) : sizeof(uint)];
        source.Read(size);
        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestHeader)
            throw new DatasetException($"{source.Name} has a header of {length} bytes; the limit is {LongestHeader}.");
        byte[] header = new byte[length];
        source.Read(header);
        return NpyHeader.Parse((version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header), source.Name);
    }
}
