using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The bytes of a stored sample: a version, whether there is a target and how it is compressed, tensors with names, element types and shapes, each as
/// compact as its type, and a checksum, because SQLite has none. Written by one version and read by all later ones.
/// </summary>
internal static class SampleCodec
{
    private const byte Version = 2;

    // The first version had no checksum and always a target.
    private const byte FirstVersion = 1;
    private const int ChecksumSize = sizeof(ulong), Labelled = 1, CompressionShift = 1;

    // More than any model has; what a damaged file says beyond it is not believed.
    private const int MostInputs = 4096, MostAxes = 64, MostBytes = 1 << 30;

    public static byte[] Write(Sample sample, SampleCompression compression = SampleCompression.None)
    {
        byte[] body = Body(sample);
        byte[]? compressed = SampleCompressor.Compress(body, compression);
        using var stream = new MemoryStream(body.Length + 32);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write((byte)((sample.IsLabelled ? Labelled : 0) | ((int)(compressed is null ? SampleCompression.None : compression) << CompressionShift)));
        if (compressed is not null)
            writer.Write7BitEncodedInt(body.Length);
        writer.Write(compressed ?? body);
        writer.Flush();
        writer.Write(XxHash64.HashToUInt64(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="SampleStoreException">The bytes are not what <see cref="Write(Sample, SampleCompression)"/> writes.</exception>
    public static Sample Read(byte[] bytes, SampleNames names, int most = MostBytes)
    {
        try
        {
            byte version = bytes.Length == 0 ? throw new EndOfStreamException("it is empty") : bytes[0];
            if (version is not (Version or FirstVersion))
                throw new InvalidDataException($"it has the format {version}, and there are {FirstVersion} to {Version}");
            return version == FirstVersion ? ReadBody(bytes, 1, bytes.Length - 1, isLabelled: true, names) : Read(bytes, Checked(bytes), names, most);
        }
        catch (Exception damage) when (damage is EndOfStreamException or FormatException or ArgumentException or InvalidDataException)
        {
            throw new SampleStoreException(SampleStoreProblem.Damaged, $"Sample '{names.Key}' is damaged: {damage.Message}", damage);
        }
    }

    private static Sample Read(byte[] bytes, int length, SampleNames names, int most)
    {
        const int header = 2;
        bool isLabelled = (bytes[1] & Labelled) != 0;
        var compression = (SampleCompression)(bytes[1] >> CompressionShift);
        if (compression == SampleCompression.None)
            return ReadBody(bytes, header, length - header, isLabelled, names);
        using var reader = new BinaryReader(new MemoryStream(bytes, header, length - header, writable: false));
        int size = Bounded(reader.Read7BitEncodedInt(), most);
        int start = header + (int)reader.BaseStream.Position;
        return ReadBody(SampleCompressor.Decompress(bytes, start, length - start, compression, size), 0, size, isLabelled, names);
    }

    private static byte[] Body(Sample sample)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write7BitEncodedInt(sample.Inputs.Count);
        foreach (var (name, tensor) in sample.Inputs)
        {
            writer.Write(name);
            Write(writer, tensor);
        }

        if (sample.IsLabelled)
            Write(writer, sample.Target);
        writer.Flush();
        return stream.ToArray();
    }

    private static Sample ReadBody(byte[] bytes, int start, int count, bool isLabelled, SampleNames names)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, start, count, writable: false), Encoding.UTF8);
        int number = Bounded(reader.Read7BitEncodedInt(), MostInputs);
        var inputs = new Dictionary<string, SampleTensor>(number, StringComparer.Ordinal);
        for (int index = 0; index < number; index++)
            inputs.Add(reader.ReadString(), ReadTensor(reader));
        return new Sample(inputs, isLabelled ? ReadTensor(reader) : null, names.Key) { Subject = names.Subject, Source = names.Source };
    }

    /// <summary>The length without the checksum, which is right.</summary>
    private static int Checked(byte[] bytes)
    {
        int length = bytes.Length - ChecksumSize;
        return length > 1 && XxHash64.HashToUInt64(bytes.AsSpan(0, length)) == BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length))
            ? length
            : throw new InvalidDataException("its checksum is wrong");
    }

    /// <summary>Whether the bytes can be read.</summary>
    public static bool IsReadable(byte[] bytes)
    {
        try
        {
            _ = Read(bytes, new SampleNames("?", null, null));
            return true;
        }
        catch (SampleStoreException)
        {
            return false;
        }
    }

    private static void Write(BinaryWriter writer, SampleTensor tensor)
    {
        writer.Write7BitEncodedInt((int)tensor.ElementType);
        writer.Write7BitEncodedInt(tensor.Shape.Count);
        foreach (long extent in tensor.ShapeSpan)
            writer.Write7BitEncodedInt64(extent);
        writer.Write(tensor.Bytes.Span);
    }

    private static SampleTensor ReadTensor(BinaryReader reader)
    {
        var type = (ElementType)reader.Read7BitEncodedInt();
        long[] shape = new long[Bounded(reader.Read7BitEncodedInt(), MostAxes)];
        Int128 length = type.SizeInBytes();
        for (int axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = reader.Read7BitEncodedInt64();
            length *= shape[axis];
        }

        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"a tensor of shape [{string.Join(", ", shape)}] does not fit into what is there");
        return SampleTensor.FromBytes(type, reader.ReadBytes((int)length), shape);
    }

    private static int Bounded(int value, int most) =>
        value >= 0 && value <= most ? value : throw new InvalidDataException($"{value} is out of its range, 0 to {most}");
}
