using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>One number of a tensor, between JSON and the bytes of its element type. Nothing is rounded silently but what a float rounds.</summary>
internal static class TensorNumber
{
    /// <summary>Whether elements of a type are written as JSON numbers, or as true and false.</summary>
    public static bool CanWrite(ElementType type) => type
        is ElementType.Float or ElementType.Double or ElementType.Float16
        or ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64
        or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64
        or ElementType.Bool;

    /// <summary>Appends an element's bytes.</summary>
    /// <returns>What is wrong with it; null when it was appended.</returns>
    public static string? Append(JsonElement element, ElementType type, ArrayBufferWriter<byte> bytes)
    {
        if (type == ElementType.Bool)
            return AppendBoolean(element, bytes);
        if (element.ValueKind != JsonValueKind.Number)
            return $"must be a number, was {Shorten(element)}.";
        return type switch
        {
            ElementType.Float => AppendFloating<float>(element, bytes, type),
            ElementType.Double => AppendFloating<double>(element, bytes, type),
            ElementType.Float16 => AppendFloating<Half>(element, bytes, type),
            ElementType.Int8 => AppendInteger<sbyte>(element, bytes, type),
            ElementType.Int16 => AppendInteger<short>(element, bytes, type),
            ElementType.Int32 => AppendInteger<int>(element, bytes, type),
            ElementType.Int64 => AppendInteger<long>(element, bytes, type),
            ElementType.UInt8 => AppendInteger<byte>(element, bytes, type),
            ElementType.UInt16 => AppendInteger<ushort>(element, bytes, type),
            ElementType.UInt32 => AppendInteger<uint>(element, bytes, type),
            _ => AppendInteger<ulong>(element, bytes, type),
        };
    }

    /// <summary>Writes the element at a place.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes, ElementType type, int index)
    {
        switch (type)
        {
            case ElementType.Float: WriteFloating(writer, At<float>(bytes, index)); break;
            case ElementType.Double: WriteFloating(writer, At<double>(bytes, index)); break;
            case ElementType.Float16: WriteFloating(writer, (float)At<Half>(bytes, index)); break;
            case ElementType.Int8: writer.WriteNumberValue(At<sbyte>(bytes, index)); break;
            case ElementType.Int16: writer.WriteNumberValue(At<short>(bytes, index)); break;
            case ElementType.Int32: writer.WriteNumberValue(At<int>(bytes, index)); break;
            case ElementType.Int64: writer.WriteNumberValue(At<long>(bytes, index)); break;
            case ElementType.UInt8: writer.WriteNumberValue(At<byte>(bytes, index)); break;
            case ElementType.UInt16: writer.WriteNumberValue(At<ushort>(bytes, index)); break;
            case ElementType.UInt32: writer.WriteNumberValue(At<uint>(bytes, index)); break;
            case ElementType.UInt64: writer.WriteNumberValue(At<ulong>(bytes, index)); break;
            case ElementType.Bool: writer.WriteBooleanValue(bytes[index] != 0); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "Elements of this type are not written as numbers.");
        }
    }

    private static string? AppendBoolean(JsonElement element, ArrayBufferWriter<byte> bytes)
    {
        bool? value = element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when element.TryGetByte(out byte number) && number <= 1 => number == 1,
            _ => null,
        };
        if (value is null)
            return $"must be true, false, 1 or 0, was {Shorten(element)}.";
        bytes.Write([value.Value ? (byte)1 : (byte)0]);
        return null;
    }

    private static string? AppendFloating<T>(JsonElement element, ArrayBufferWriter<byte> bytes, ElementType type)
        where T : unmanaged, IFloatingPoint<T>
    {
        var value = T.CreateTruncating(element.GetDouble());
        if (!T.IsFinite(value))
            return $"is out of range of {type}, was {Shorten(element)}.";
        bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        return null;
    }

    private static string? AppendInteger<T>(JsonElement element, ArrayBufferWriter<byte> bytes, ElementType type)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (!T.TryParse(element.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return $"must be a whole number from {T.MinValue} to {T.MaxValue} for {type}, was {Shorten(element)}.";
        bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        return null;
    }

    private static void WriteFloating<T>(Utf8JsonWriter writer, T value)
        where T : IFloatingPoint<T>
    {
        // JSON has no such numbers; these names are what serializers that allow them use.
        if (!T.IsFinite(value))
            writer.WriteStringValue(T.IsNaN(value) ? "NaN" : T.IsPositive(value) ? "Infinity" : "-Infinity");
        else if (value is float single)
            writer.WriteNumberValue(single);
        else
            writer.WriteNumberValue(double.CreateChecked(value));
    }

    private static T At<T>(ReadOnlySpan<byte> bytes, int index)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes)[index];

    private static string Shorten(JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}
