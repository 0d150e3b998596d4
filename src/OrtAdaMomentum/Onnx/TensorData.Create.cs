using System.Runtime.InteropServices;
using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <content>Encoding.</content>
internal static partial class TensorData
{
    /// <summary>A tensor of singles.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<float> data, params ReadOnlySpan<long> shape) =>
        Create<float, uint>(name, ElementType.Float, data, shape);

    /// <summary>A tensor of doubles.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<double> data, params ReadOnlySpan<long> shape) =>
        Create<double, ulong>(name, ElementType.Double, data, shape);

    /// <summary>A tensor of 64-bit integers.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<long> data, params ReadOnlySpan<long> shape) =>
        Create<long, ulong>(name, ElementType.Int64, data, shape);

    /// <summary>A tensor of 32-bit integers.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<int> data, params ReadOnlySpan<long> shape) =>
        Create<int, uint>(name, ElementType.Int32, data, shape);

    /// <summary>A tensor of booleans.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<bool> data, params ReadOnlySpan<long> shape) =>
        Create<byte, byte>(name, ElementType.Bool, MemoryMarshal.Cast<bool, byte>(data), shape);

    /// <summary>A tensor without axes.</summary>
    public static TensorProto Scalar(string name, float value) => Create(name, [value], []);

    /// <summary>A tensor without axes.</summary>
    public static TensorProto Scalar(string name, double value) => Create(name, [value], []);

    /// <summary>A tensor without axes.</summary>
    public static TensorProto Scalar(string name, long value) => Create(name, [value], []);

    /// <summary>A tensor without axes.</summary>
    public static TensorProto Scalar(string name, bool value) => Create(name, [value], []);

    /// <summary>A list of 64-bit integers, as shapes and axes are.</summary>
    public static TensorProto Vector(string name, params ReadOnlySpan<long> values) => Create(name, values, [values.Length]);

    /// <summary>A tensor of any floating point or integer type from numbers that it can represent.</summary>
    /// <exception cref="OnnxModelException">The element type holds no numbers, or a number does not fit.</exception>
    public static TensorProto Create(string name, ElementType type, ReadOnlySpan<double> data, params ReadOnlySpan<long> shape)
    {
        double[] values = data.ToArray();
        try
        {
            return type switch
            {
                ElementType.Float => Create<float, uint>(name, type, Array.ConvertAll(values, static value => (float)value), shape),
                ElementType.Double => Create<double, ulong>(name, type, values, shape),
                ElementType.Float16 => Create<Half, ushort>(name, type, Array.ConvertAll(values, static value => (Half)value), shape),
                ElementType.BFloat16 => Create<ushort, ushort>(name, type, Array.ConvertAll(values, ToBFloat16), shape),
                ElementType.Int64 => Create<long, ulong>(name, type, Array.ConvertAll(values, static value => checked((long)value)), shape),
                ElementType.Int32 => Create<int, uint>(name, type, Array.ConvertAll(values, static value => checked((int)value)), shape),
                ElementType.Int8 => Create<sbyte, byte>(name, type, Array.ConvertAll(values, static value => checked((sbyte)value)), shape),
                ElementType.UInt8 => Create<byte, byte>(name, type, Array.ConvertAll(values, static value => checked((byte)value)), shape),
                ElementType.Int16 => Create<short, ushort>(name, type, Array.ConvertAll(values, static value => checked((short)value)), shape),
                ElementType.UInt16 => Create<ushort, ushort>(name, type, Array.ConvertAll(values, static value => checked((ushort)value)), shape),
                ElementType.Bool => Create<byte, byte>(name, type, Array.ConvertAll(values, static value => value != 0 ? (byte)1 : (byte)0), shape),
                _ => throw new OnnxModelException($"A constant for '{name}' of element type {type} cannot be made from numbers."),
            };
        }
        catch (OverflowException error)
        {
            throw new OnnxModelException($"A number given for '{name}' does not fit into its element type {type}.", error);
        }
    }

    /// <summary>The upper half of a single, rounded to nearest, ties to even.</summary>
    private static ushort ToBFloat16(double value)
    {
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static TensorProto Create<T, TBits>(string name, ElementType type, ReadOnlySpan<T> data, ReadOnlySpan<long> shape)
        where T : unmanaged
        where TBits : unmanaged
    {
        long[] dimensions = shape.ToArray();
        if (ElementCount(dimensions, name) != data.Length)
            throw new ArgumentException($"Tensor '{name}' of shape [{string.Join(", ", dimensions)}] cannot hold {data.Length} elements.", nameof(data));

        byte[] raw = MemoryMarshal.AsBytes(data).ToArray();
        SwapOnBigEndian(MemoryMarshal.Cast<byte, TBits>(raw.AsSpan()));
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(raw) };
        tensor.Dims.AddRange(dimensions);
        return tensor;
    }
}
