using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <content>Decoding. The bytes in a file are little-endian whatever the machine.</content>
internal static partial class TensorData
{
    private static T[] Numbers<T>(TensorProto tensor)
        where T : unmanaged, INumber<T>
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            throw new OnnxModelException($"The data of tensor '{tensor.Name}' lies in another file.");

        long count = ElementCount(tensor);
        T[] values = tensor.HasRawData && tensor.RawData.Length > 0 ? FromRaw<T>(tensor) : FromFields<T>(tensor);
        if (values.LongLength != count)
        {
            throw new OnnxModelException(
                $"Tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Dims)}], which is {count} elements, but holds {values.LongLength}.");
        }

        return values;
    }

    private static T[] FromFields<T>(TensorProto tensor)
        where T : unmanaged, INumber<T>
    {
        switch ((ElementType)tensor.DataType)
        {
            case ElementType.Float:
                return Convert<float, T>([.. tensor.FloatData]);
            case ElementType.Double:
                return Convert<double, T>([.. tensor.DoubleData]);
            case ElementType.Int64:
                return Convert<long, T>([.. tensor.Int64Data]);
            case ElementType.UInt64 or ElementType.UInt32:
                return Convert<ulong, T>([.. tensor.Uint64Data]);
            case ElementType.Int32 or ElementType.Int16 or ElementType.Int8 or ElementType.UInt16 or ElementType.UInt8 or ElementType.Bool:
                return Convert<int, T>([.. tensor.Int32Data]);
            case ElementType.Float16:
                // Half precision travels as its bits.
                return Convert<Half, T>([.. tensor.Int32Data.Select(static bits => BitConverter.UInt16BitsToHalf((ushort)bits))]);
            case ElementType.BFloat16:
                return Convert<float, T>([.. tensor.Int32Data.Select(static bits => BrainToSingle((ushort)bits))]);
            default:
                throw Unexpected(tensor, "numbers");
        }
    }

    private static T[] FromRaw<T>(TensorProto tensor)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        return (ElementType)tensor.DataType switch
        {
            ElementType.Float => Convert<float, T>(Decode<float, uint>(tensor, raw)),
            ElementType.Double => Convert<double, T>(Decode<double, ulong>(tensor, raw)),
            ElementType.Int64 => Convert<long, T>(Decode<long, ulong>(tensor, raw)),
            ElementType.UInt64 => Convert<ulong, T>(Decode<ulong, ulong>(tensor, raw)),
            ElementType.Int32 => Convert<int, T>(Decode<int, uint>(tensor, raw)),
            ElementType.UInt32 => Convert<uint, T>(Decode<uint, uint>(tensor, raw)),
            ElementType.Int16 => Convert<short, T>(Decode<short, ushort>(tensor, raw)),
            ElementType.UInt16 => Convert<ushort, T>(Decode<ushort, ushort>(tensor, raw)),
            ElementType.Int8 => Convert<sbyte, T>(Decode<sbyte, byte>(tensor, raw)),
            ElementType.UInt8 or ElementType.Bool => Convert<byte, T>(Decode<byte, byte>(tensor, raw)),
            ElementType.Float16 => Convert<Half, T>(Decode<Half, ushort>(tensor, raw)),
            ElementType.BFloat16 =>
                Convert<float, T>(Array.ConvertAll(Decode<ushort, ushort>(tensor, raw), BrainToSingle)),
            _ => throw Unexpected(tensor, "numbers"),
        };
    }

    /// <summary>Elements of type <typeparamref name="T"/> from bytes; <typeparamref name="TBits"/> is the unsigned integer of the same size.</summary>
    private static T[] Decode<T, TBits>(TensorProto tensor, ReadOnlySpan<byte> raw)
        where T : unmanaged
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        int size = Marshal.SizeOf<TBits>();
        if (raw.Length % size != 0)
        {
            throw new OnnxModelException(
                $"Tensor '{tensor.Name}' holds {raw.Length} bytes, which is no multiple of its element size {size}.");
        }

        var values = new T[raw.Length / size];
        raw.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        SwapOnBigEndian(MemoryMarshal.Cast<T, TBits>(values.AsSpan()));
        return values;
    }

    private static void SwapOnBigEndian<TBits>(Span<TBits> values)
        where TBits : unmanaged
    {
        if (BitConverter.IsLittleEndian)
            return;
        if (typeof(TBits) == typeof(ushort))
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<TBits, ushort>(values), MemoryMarshal.Cast<TBits, ushort>(values));
        else if (typeof(TBits) == typeof(uint))
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<TBits, uint>(values), MemoryMarshal.Cast<TBits, uint>(values));
        else if (typeof(TBits) == typeof(ulong))
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<TBits, ulong>(values), MemoryMarshal.Cast<TBits, ulong>(values));
    }

    private static T[] Convert<TFrom, T>(TFrom[] values)
        where TFrom : unmanaged, INumber<TFrom>
        where T : unmanaged, INumber<T>
    {
        if (values is T[] same && typeof(TFrom) == typeof(T))
            return same;
        return Array.ConvertAll(values, static value => T.CreateChecked(value));
    }

    private static float BrainToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
