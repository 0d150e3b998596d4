using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Converts elements between number types, by way of double. That is exact for all types but 64-bit integers beyond 2^53, which
/// are refused when the data is checked.
/// </summary>
internal static class ElementConversion
{
    private const int BlockLength = 512;
    private const double LargestExactInteger = 1L << 53;

    public static bool IsNumber(ElementType type) => type is
        ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.Bool or
        ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64 or
        ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64;

    /// <summary>Converts all elements and multiplies them by <paramref name="factor"/>.</summary>
    public static void Convert(ElementType from, ReadOnlySpan<byte> source, ElementType to, Span<byte> destination, double factor)
    {
        Span<double> block = stackalloc double[BlockLength];
        int count = source.Length / from.SizeInBytes();
        for (int start = 0; start < count; start += BlockLength)
        {
            var values = block[..Math.Min(BlockLength, count - start)];
            Widen(from, source.Slice(start * from.SizeInBytes(), values.Length * from.SizeInBytes()), values);
            if (factor != 1)
                TensorPrimitives.Multiply(values, factor, values);
            Narrow(to, values, destination.Slice(start * to.SizeInBytes(), values.Length * to.SizeInBytes()));
        }
    }

    /// <summary>
    /// The first element that has no equal in the other type, or in which <paramref name="own"/> finds something wrong: its index and what
    /// it is; null when there is none.
    /// </summary>
    public static (int Index, string What)? Problem(ElementType from, ReadOnlySpan<byte> source, ElementType to, Func<double, string?>? own)
    {
        if (own is null && NeedsNoCheck(from, to))
            return null;
        Span<double> block = stackalloc double[BlockLength];
        int count = source.Length / from.SizeInBytes();
        for (int start = 0; start < count; start += BlockLength)
        {
            var values = block[..Math.Min(BlockLength, count - start)];
            Widen(from, source.Slice(start * from.SizeInBytes(), values.Length * from.SizeInBytes()), values);
            for (int index = 0; index < values.Length; index++)
            {
                if ((Problem(values[index], from, to) ?? own?.Invoke(values[index])) is { } what)
                    return (start + index, what);
            }
        }

        return null;
    }

    /// <summary>Why a number has no equal in <paramref name="to"/>; null when it has one.</summary>
    public static string? Problem(double value, ElementType from, ElementType to)
    {
        if (!double.IsFinite(value))
            return FormattableString.Invariant($"{value} is not a finite number");
        if (to.IsFloatingPoint())
            return Math.Abs(value) <= Largest(to) ? null : FormattableString.Invariant($"{value} is too large for {to}");
        if (value != Math.Floor(value))
            return FormattableString.Invariant($"{value} is not a whole number, which {to} asks for");
        if (from != to && Math.Abs(value) > LargestExactInteger)
            return FormattableString.Invariant($"{value} is too large to be converted from {from} to {to} exactly");
        return value >= Smallest(to) && value <= Largest(to) ? null : FormattableString.Invariant($"{value} is outside the range of {to}");
    }

    public static void Widen(ElementType from, ReadOnlySpan<byte> source, Span<double> values)
    {
        switch (from)
        {
            case ElementType.Bool or ElementType.UInt8: TensorPrimitives.ConvertTruncating(source, values); break;
            case ElementType.Int8: Widen<sbyte>(source, values); break;
            case ElementType.UInt16: Widen<ushort>(source, values); break;
            case ElementType.Int16: Widen<short>(source, values); break;
            case ElementType.UInt32: Widen<uint>(source, values); break;
            case ElementType.Int32: Widen<int>(source, values); break;
            case ElementType.UInt64: Widen<ulong>(source, values); break;
            case ElementType.Int64: Widen<long>(source, values); break;
            case ElementType.Float16: Widen<Half>(source, values); break;
            case ElementType.Float: Widen<float>(source, values); break;
            case ElementType.Double: MemoryMarshal.Cast<byte, double>(source).CopyTo(values); break;
            default: throw new DatasetException($"Elements of type {from} cannot be converted.");
        }
    }

    public static void Narrow(ElementType to, ReadOnlySpan<double> values, Span<byte> destination)
    {
        switch (to)
        {
            case ElementType.Bool or ElementType.UInt8: TensorPrimitives.ConvertTruncating(values, destination); break;
            case ElementType.Int8: Narrow<sbyte>(values, destination); break;
            case ElementType.UInt16: Narrow<ushort>(values, destination); break;
            case ElementType.Int16: Narrow<short>(values, destination); break;
            case ElementType.UInt32: Narrow<uint>(values, destination); break;
            case ElementType.Int32: Narrow<int>(values, destination); break;
            case ElementType.UInt64: Narrow<ulong>(values, destination); break;
            case ElementType.Int64: Narrow<long>(values, destination); break;
            case ElementType.Float16: Narrow<Half>(values, destination); break;
            case ElementType.Float: Narrow<float>(values, destination); break;
            case ElementType.Double: values.CopyTo(MemoryMarshal.Cast<byte, double>(destination)); break;
            default: throw new DatasetException($"Numbers cannot be converted to elements of type {to}.");
        }
    }

    private static void Widen<T>(ReadOnlySpan<byte> source, Span<double> values) where T : unmanaged, System.Numerics.INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(source), values);

    private static void Narrow<T>(ReadOnlySpan<double> values, Span<byte> destination) where T : unmanaged, System.Numerics.INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(values, MemoryMarshal.Cast<byte, T>(destination));

    // Bytes, booleans and small integers are all finite, and every floating point type but the half holds them.
    private static bool NeedsNoCheck(ElementType from, ElementType to) =>
        !from.IsFloatingPoint() && (from == to ? to != ElementType.Bool : to is ElementType.Float or ElementType.Double);

    private static double Smallest(ElementType type) => type switch
    {
        ElementType.Int8 => sbyte.MinValue,
        ElementType.Int16 => short.MinValue,
        ElementType.Int32 => int.MinValue,
        ElementType.Int64 => long.MinValue,
        _ => 0,
    };

    private static double Largest(ElementType type) => type switch
    {
        ElementType.Bool => 1,
        ElementType.Int8 => sbyte.MaxValue,
        ElementType.UInt8 => byte.MaxValue,
        ElementType.Int16 => short.MaxValue,
        ElementType.UInt16 => ushort.MaxValue,
        ElementType.Int32 => int.MaxValue,
        ElementType.UInt32 => uint.MaxValue,
        ElementType.Int64 or ElementType.UInt64 => LargestExactInteger,
        ElementType.Float16 => (double)Half.MaxValue,
        ElementType.Float => float.MaxValue,
        _ => double.MaxValue,
    };
}
