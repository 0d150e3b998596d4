using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>An immutable tensor: element type, shape, and its elements as little-endian bytes.</summary>
public sealed class SampleTensor
{
    private readonly byte[] _bytes;
    private readonly long[] _shape;

    private SampleTensor(ElementType elementType, long[] shape, byte[] bytes)
    {
        ElementType = elementType;
        _shape = shape;
        _bytes = bytes;
    }

    /// <summary>Type of one element.</summary>
    public ElementType ElementType { get; }

    /// <summary>The axes, outermost first; none for a single number.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>The elements, row-major.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    internal ReadOnlySpan<long> ShapeSpan => _shape;

    /// <summary>A tensor with a copy of <paramref name="values"/>.</summary>
    /// <typeparam name="T">A number type of .NET, <see cref="bool"/> or <see cref="Half"/>.</typeparam>
    /// <exception cref="ArgumentException">The number of values is not that of the shape, or ONNX has no such type.</exception>
    public static SampleTensor Of<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged =>
        FromBytes(TypeOf<T>(), MemoryMarshal.AsBytes(values), shape);

    /// <summary>A single number, such as the index of a class.</summary>
    public static SampleTensor Scalar<T>(T value)
        where T : unmanaged =>
        Of(new ReadOnlySpan<T>(in value));

    /// <summary>A tensor from the little-endian bytes of its elements, which are copied.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not that of the shape, or elements of this type have no fixed size.</exception>
    public static SampleTensor FromBytes(ElementType elementType, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        int size = elementType.SizeInBytes();
        if (size == 0)
            throw new ArgumentException($"Elements of type {elementType} have no fixed size.", nameof(elementType));
        Int128 expected = size;
        foreach (long extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            expected *= extent;
            if (expected > int.MaxValue)
                throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape.ToArray())}] is too large.", nameof(shape));
        }

        return bytes.Length == expected
            ? new SampleTensor(elementType, shape.ToArray(), bytes.ToArray())
            : throw new ArgumentException(
                $"{bytes.Length / size} elements were given, but shape [{string.Join(", ", shape.ToArray())}] takes {expected / size}.",
                nameof(shape));
    }

    /// <summary>The elements, read as what they are.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged =>
        TypeOf<T>() == ElementType
            ? MemoryMarshal.Cast<byte, T>(_bytes)
            : throw new InvalidOperationException($"The elements are of type {ElementType}, not {typeof(T).Name}.");

    /// <summary>Whether type, shape and all bytes are the same.</summary>
    internal bool HasSameContent(SampleTensor other) =>
        ElementType == other.ElementType && ShapeSpan.SequenceEqual(other.ShapeSpan) && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <summary>Type and shape, as in <c>Float[1, 28, 28]</c>.</summary>
    public override string ToString() => $"{ElementType}[{string.Join(", ", _shape)}]";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ElementType TypeOf<T>()
        where T : unmanaged
    {
        // Each comparison is decided when the method is compiled for T.
        if (typeof(T) == typeof(float))
            return ElementType.Float;
        if (typeof(T) == typeof(long))
            return ElementType.Int64;
        if (typeof(T) == typeof(double))
            return ElementType.Double;
        if (typeof(T) == typeof(int))
            return ElementType.Int32;
        if (typeof(T) == typeof(byte))
            return ElementType.UInt8;
        if (typeof(T) == typeof(bool))
            return ElementType.Bool;
        if (typeof(T) == typeof(Half))
            return ElementType.Float16;
        if (typeof(T) == typeof(sbyte))
            return ElementType.Int8;
        if (typeof(T) == typeof(short))
            return ElementType.Int16;
        if (typeof(T) == typeof(ushort))
            return ElementType.UInt16;
        if (typeof(T) == typeof(uint))
            return ElementType.UInt32;
        if (typeof(T) == typeof(ulong))
            return ElementType.UInt64;
        throw new ArgumentException($"ONNX has no tensors of {typeof(T).Name}.");
    }
}
