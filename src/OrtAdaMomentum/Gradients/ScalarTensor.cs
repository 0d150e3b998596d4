using System.Buffers.Binary;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>Small constant tensors of any element type that gradients are written in.</summary>
internal static class ScalarTensor
{
    /// <summary>A tensor whose elements all equal <paramref name="value"/>, rounded to <paramref name="type"/>; no shape gives a scalar.</summary>
    public static TensorProto Create(string name, double value, ElementType type, params ReadOnlySpan<long> shape)
    {
        var proto = new TensorProto { Name = name, DataType = (int)type };
        int count = 1;
        foreach (long extent in shape)
        {
            proto.Dims.Add(extent);
            count = checked(count * (int)extent);
        }

        int size = type.SizeInBytes();
        var bytes = new byte[checked(count * size)];
        for (int index = 0; index < count; index++)
            Write(bytes.AsSpan(index * size), value, type);
        proto.RawData = ByteString.CopyFrom(bytes);
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
