using System.Buffers.Binary;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>Small constant tensors of any element type that gradients are written in.</summary>
internal static class ConstantTensor
{
    /// <summary>A tensor whose elements all equal <paramref name="value"/>, rounded to <paramref name="type"/>; no shape gives a scalar.</summary>
    public static TensorProto Filled(string name, double value, ElementType type, params ReadOnlySpan<long> shape)
    {
        int count = 1;
        foreach (long extent in shape)
            count = checked(count * (int)extent);
        var values = new double[count];
        Array.Fill(values, value);
        return Create(name, values, type, shape);
    }

    /// <summary>A tensor with the given elements in row-major order, rounded to <paramref name="type"/>.</summary>
    public static TensorProto Create(string name, ReadOnlySpan<double> values, ElementType type, ReadOnlySpan<long> shape)
    {
        int size = type.SizeInBytes();
        var bytes = new byte[checked(values.Length * size)];
        for (int index = 0; index < values.Length; index++)
            Write(bytes.AsSpan(index * size), values[index], type);
        return Wrap(name, bytes, type, shape);
    }

    /// <summary>A list of 64-bit integers.</summary>
    public static TensorProto Integers(string name, ReadOnlySpan<long> values)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (int index = 0; index < values.Length; index++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(index * sizeof(long)), values[index]);
        return Wrap(name, bytes, ElementType.Int64, [values.Length]);
    }

    private static TensorProto Wrap(string name, byte[] bytes, ElementType type, ReadOnlySpan<long> shape)
    {
        var proto = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (long extent in shape)
            proto.Dims.Add(extent);
        return proto;
    }

    private static void Write(Span<byte> target, double value, ElementType type)
    {
        switch (type)
        {
            case ElementType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                break;
            case ElementType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                break;
            case ElementType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value);
                break;
            case ElementType.BFloat16:
                // Round to nearest even on the upper half of the single.
                uint bits = BitConverter.SingleToUInt32Bits((float)value);
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
                break;
            case ElementType.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(target, (long)value);
                break;
            case ElementType.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(target, (int)value);
                break;
            case ElementType.Bool:
                target[0] = value != 0 ? (byte)1 : (byte)0;
                break;
            default:
                throw new NotSupportedException($"No constants of element type {type} are written in gradients.");
        }
    }
}
