namespace OrtAdaMomentum.Onnx;

/// <summary>Element type of a tensor. Values are those of <c>TensorProto.DataType</c> in the ONNX specification.</summary>
public enum ElementType
{
    /// <summary>Not known.</summary>
    Undefined = 0,

    /// <summary>IEEE 754 single precision.</summary>
    Float = 1,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8 = 2,

    /// <summary>8-bit signed integer.</summary>
    Int8 = 3,

    /// <summary>16-bit unsigned integer.</summary>
    UInt16 = 4,

    /// <summary>16-bit signed integer.</summary>
    Int16 = 5,

    /// <summary>32-bit signed integer.</summary>
    Int32 = 6,

    /// <summary>64-bit signed integer.</summary>
    Int64 = 7,

    /// <summary>UTF-8 string.</summary>
    String = 8,

    /// <summary>Boolean.</summary>
    Bool = 9,

    /// <summary>IEEE 754 half precision.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 double precision.</summary>
    Double = 11,

    /// <summary>32-bit unsigned integer.</summary>
    UInt32 = 12,

    /// <summary>64-bit unsigned integer.</summary>
    UInt64 = 13,

    /// <summary>Complex of two singles.</summary>
    Complex64 = 14,

    /// <summary>Complex of two doubles.</summary>
    Complex128 = 15,

    /// <summary>Brain floating point.</summary>
    BFloat16 = 16,
}

/// <summary>Questions asked of an <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Whether values of this type can carry a gradient.</summary>
    public static bool IsFloatingPoint(this ElementType type) =>
        type is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>The lowest finite number of a floating-point type.</summary>
    internal static double Lowest(this ElementType type) => type switch
    {
        ElementType.Float16 => (double)Half.MinValue,
        ElementType.BFloat16 => -3.3895313892515355e38,
        ElementType.Double => double.MinValue,
        _ => float.MinValue,
    };

    /// <summary>Bytes of one element; 0 for strings and unknown types, whose size is not fixed.</summary>
    public static int SizeInBytes(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Double or ElementType.Int64 or ElementType.UInt64 or ElementType.Complex64 => 8,
        ElementType.Complex128 => 16,
        _ => 0,
    };
}
