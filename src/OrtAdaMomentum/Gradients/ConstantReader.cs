using System.Buffers.Binary;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>Reads small constants whose values steer an operator: axes, shapes, pads, exponents.</summary>
internal static class ConstantReader
{
    public static long[]? Integers(TensorProto tensor) => (ElementType)tensor.DataType switch
    {
        ElementType.Int64 when tensor.HasRawData => Read(tensor, sizeof(long), BinaryPrimitives.ReadInt64LittleEndian),
        ElementType.Int64 => [.. tensor.Int64Data],
        ElementType.Int32 when tensor.HasRawData => Read(tensor, sizeof(int), static bytes => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        ElementType.Int32 => [.. tensor.Int32Data.Select(static value => (long)value)],
        _ => null,
    };

    public static double[]? Numbers(TensorProto tensor) => (ElementType)tensor.DataType switch
    {
        ElementType.Float when tensor.HasRawData => Read(tensor, sizeof(float), static bytes => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        ElementType.Float => [.. tensor.FloatData.Select(static value => (double)value)],
        ElementType.Double when tensor.HasRawData => Read(tensor, sizeof(double), BinaryPrimitives.ReadDoubleLittleEndian),
        ElementType.Double => [.. tensor.DoubleData],
        ElementType.Float16 when tensor.HasRawData => Read(tensor, 2, static bytes => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        _ => Integers(tensor)?.Select(static value => (double)value).ToArray(),
    };

    private delegate T Reader<T>(ReadOnlySpan<byte> bytes);

    private static T[] Read<T>(TensorProto tensor, int size, Reader<T> read)
    {
        var bytes = tensor.RawData.Span;
        var values = new T[bytes.Length / size];
        for (int index = 0; index < values.Length; index++)
            values[index] = read(bytes.Slice(index * size, size));
        return values;
    }
}
