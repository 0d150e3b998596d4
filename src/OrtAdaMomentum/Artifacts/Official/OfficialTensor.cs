using System.Buffers.Binary;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>A tensor of an official checkpoint.</summary>
/// <param name="Name">Name of the parameter, or of the moment.</param>
/// <param name="ElementType">Type of its elements.</param>
/// <param name="Shape">Its shape; empty for a scalar, and in a nominal checkpoint.</param>
/// <param name="Data">Its elements in row-major order, little-endian; empty for strings, and in a nominal checkpoint.</param>
public sealed record OfficialTensor(string Name, ElementType ElementType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>A note; null where there is none.</summary>
    public string? Documentation { get; init; }

    /// <summary>The elements where they are strings; null otherwise.</summary>
    public IReadOnlyList<string>? Strings { get; init; }

    /// <summary>Whether its data lies in the external file.</summary>
    public bool IsExternal { get; init; }

    /// <summary>A tensor of singles.</summary>
    public static OfficialTensor FromSingles(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        byte[] data = new byte[checked(values.Length * sizeof(float))];
        for (int index = 0; index < values.Length; index++)
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(index * sizeof(float)), values[index]);
        return new OfficialTensor(name, ElementType.Float, shape, data);
    }

    /// <summary>Its elements as singles.</summary>
    /// <exception cref="FineTuningException">They are of another type.</exception>
    public float[] ToSingles()
    {
        if (ElementType != ElementType.Float)
            throw new FineTuningException($"'{Name}' holds {ElementType}, not {ElementType.Float}.");
        float[] values = new float[Data.Length / sizeof(float)];
        for (int index = 0; index < values.Length; index++)
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(Data.Span[(index * sizeof(float))..]);
        return values;
    }
}
