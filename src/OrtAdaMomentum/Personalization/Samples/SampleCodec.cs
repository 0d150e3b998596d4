using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The bytes of a stored sample: a version, whether there is a target, tensors with names, element types and shapes, each as compact as its type, and a
/// checksum, because SQLite has none. Written by one version and read by all later ones.
/// </summary>
internal static class SampleCodec
{
    private const byte Version = 2;

    // The first version had no checksum and always a target.
    private const byte FirstVersion = 1;
    private const int ChecksumSize = sizeof(ulong);

    // More than any model has; what a damaged file says beyond it is not believed.
    private const int MostInputs = 4096, MostAxes = 64;

    public static byte[] Write(Sample sample)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(sample.IsLabelled);
        writer.Write7BitEncodedInt(sample.Inputs.Count);
        foreach (var (name, tensor) in sample.Inputs)
        {
            writer.Write(name);
            Write(writer, tensor);
        }

        if (sample.IsLabelled)
            Write(writer, sample.Target);
        writer.Flush();
        writer.Write(XxHash64.HashToUInt64(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="SampleStoreException">The bytes are not what <see cref="Write(Sample)"/> writes.</exception>
    public static Sample Read(byte[] bytes, string key, string? subject, string? source)
    {
        try
        {
            byte version = bytes.Length == 0 ? throw new EndOfStreamException("it is empty") : bytes[0];
            if (version is not (Version or FirstVersion))
                throw new SampleStoreException(SampleStoreProblem.NewerVersion, $"Sample '{key}' has format {version}; this version reads up to {Version}. It was written by a newer version.");
            int length = version == FirstVersion ? bytes.Length : Checked(bytes);
            using var reader = new BinaryReader(new MemoryStream(bytes, 1, length - 1, writable: false), Encoding.UTF8);
            bool isLabelled = version == FirstVersion || reader.ReadBoolean();
            int count = Bounded(reader.Read7BitEncodedInt(), MostInputs);
            var inputs = new Dictionary<string, SampleTensor>(count, StringComparer.Ordinal);
            for (int index = 0; index < count; index++)
                inputs.Add(reader.ReadString(), ReadTensor(reader));
            return new Sample(inputs, isLabelled ? ReadTensor(reader) : null, key) { Subject = subject, Source = source };
        }
        catch (Exception damage) when (damage is EndOfStreamException or FormatException or ArgumentException or InvalidDataException)
        {
            throw new SampleStoreException(SampleStoreProblem.Damaged, $"Sample '{key}' is damaged: {damage.Message}", damage);
        }
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
    public static bool IsReadable(byte[] bytes, string key)
    {
        try
        {
            _ = Read(bytes, key, subject: null, source: null);
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
