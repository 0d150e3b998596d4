using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>How much data a tensor of a type and number of elements takes in a file.</summary>
internal static class StoredSize
{
    /// <summary>Bits of one element; 0 when the type is unknown or has no fixed size (strings).</summary>
    public static int Bits(int dataType) => dataType switch
    {
        >= 17 and <= 20 or 24 => 8, // the 8-bit floating point types
        >= 21 and <= 23 => 4, // 4-bit integers and floats, two in a byte
        25 or 26 => 2, // 2-bit integers, four in a byte
        _ => ((ElementType)dataType).SizeInBytes() * 8,
    };

    /// <summary>Bytes of raw data; null when the size is not fixed or overflows.</summary>
    public static long? Bytes(int dataType, long count)
    {
        int bits = Bits(dataType);
        if (bits == 0 || count > (long.MaxValue - 7) / bits)
            return null;
        return ((count * bits) + 7) / 8;
    }

    /// <summary>How many entries the typed field of a tensor has, and must have; null when no typed field can hold the type.</summary>
    public static (long Actual, long Expected)? Fields(TensorProto tensor, long count) => tensor.DataType switch
    {
        (int)ElementType.Float => (tensor.FloatData.Count, count),
        (int)ElementType.Complex64 => (tensor.FloatData.Count, SaturatingDouble(count)),
        (int)ElementType.Double => (tensor.DoubleData.Count, count),
        (int)ElementType.Complex128 => (tensor.DoubleData.Count, SaturatingDouble(count)),
        (int)ElementType.Int64 => (tensor.Int64Data.Count, count),
        (int)ElementType.UInt64 or (int)ElementType.UInt32 => (tensor.Uint64Data.Count, count),
        (int)ElementType.String => (tensor.StringData.Count, count),
        >= 21 and <= 23 => (tensor.Int32Data.Count, (count / 2) + (count % 2)),
        25 or 26 => (tensor.Int32Data.Count, (count / 4) + (count % 4 == 0 ? 0 : 1)),
        >= 1 and <= 26 => (tensor.Int32Data.Count, count),
        _ => null,
    };

    private static long SaturatingDouble(long count) => count > long.MaxValue / 2 ? long.MaxValue : count * 2;
}
