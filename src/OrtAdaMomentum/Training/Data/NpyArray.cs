using System.Runtime.InteropServices;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>An array as NumPy stores it: little-endian elements, the last axis varying fastest.</summary>
public sealed class NpyArray
{
    internal NpyArray(ElementType elementType, IReadOnlyList<long> shape, byte[] bytes)
    {
        ElementType = elementType;
        Shape = shape;
        Bytes = bytes;
    }

    /// <summary>Type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The extents of the axes; empty for a single number.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements.</summary>
    public ReadOnlyMemory<byte> Data => Bytes;

    internal byte[] Bytes { get; }

    /// <summary>An array of single-precision numbers.</summary>
    public static NpyArray Create(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>An array of 64-bit integers.</summary>
    public static NpyArray Create(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Create(ElementType.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>An array given as bytes of little-endian elements.</summary>
    /// <exception cref="ArgumentException">The bytes are not those of the shape, or NumPy has no such element type.</exception>
    public static NpyArray Create(ElementType elementType, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        if (NpyTypes.Describe(elementType) is null)
            throw new ArgumentException($"NumPy has no elements of type {elementType}.", nameof(elementType));
        long[] extents = shape.ToArray();
        if (bytes.Length != (Int128)ShapeFit.Product(extents) * elementType.SizeInBytes())
            throw new ArgumentException($"{bytes.Length} bytes are not {elementType}[{string.Join(", ", extents)}].", nameof(bytes));
        return new NpyArray(elementType, extents, bytes.ToArray());
    }
}
