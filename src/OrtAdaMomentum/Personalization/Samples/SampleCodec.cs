using System.Text;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The bytes of a stored sample: its tensors with names, element types and shapes, each as compact as its type. Written by one version and
/// read by all later ones.
/// </summary>
internal static class SampleCodec
{
    private const byte Version = 1;

    // More than any model has; what a damaged file says beyond it is not believed.
    private const int MostInputs = 4096, MostAxes = 64;

    public static byte[] Write(Sample sample)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write7BitEncodedInt(sample.Inputs.Count);
        foreach (var (name, tensor) in sample.Inputs)
        {
            writer.Write(name);
            Write(writer, tensor);
        }

        Write(writer, sample.Target);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="SampleStoreException">The bytes are not what <see cref="Write(Sample)"/> writes.</exception>
    public static Sample Read(byte[] bytes, string key, string? subject)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
            byte version = reader.ReadByte();
            if (version != Version)
                throw new SampleStoreException($"Sample '{key}' has format {version}; this version reads {Version}. It was written by a newer version.");
            int count = Bounded(reader.Read7BitEncodedInt(), MostInputs);
            var inputs = new Dictionary<string, SampleTensor>(count, StringComparer.Ordinal);
            for (int index = 0; index < count; index++)
                inputs.Add(reader.ReadString(), ReadTensor(reader));
            return new Sample(inputs, ReadTensor(reader), key) { Subject = subject };
        }
        catch (Exception damage) when (damage is EndOfStreamException or FormatException or ArgumentException or InvalidDataException)
        {
            throw new SampleStoreException($"Sample '{key}' is damaged: {damage.Message}", damage);
        }
    }

    /// <summary>Whether the bytes can be read.</summary>
    public static bool IsReadable(byte[] bytes, string key)
    {
        try
        {
            _ = Read(bytes, key, subject: null);
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
