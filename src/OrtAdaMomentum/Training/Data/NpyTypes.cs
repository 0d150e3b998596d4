using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>Element types in NumPy's spelling, without the byte order: <c>f4</c>, <c>i8</c>, <c>b1</c>.</summary>
internal static class NpyTypes
{
    private static readonly (string Text, ElementType Type)[] Known =
    [
        ("f4", ElementType.Float), ("f8", ElementType.Double), ("f2", ElementType.Float16), ("b1", ElementType.Bool),
        ("i8", ElementType.Int64), ("i4", ElementType.Int32), ("i2", ElementType.Int16), ("i1", ElementType.Int8),
        ("u8", ElementType.UInt64), ("u4", ElementType.UInt32), ("u2", ElementType.UInt16), ("u1", ElementType.UInt8),
    ];

    /// <summary>The full description with byte order; null for types that NumPy does not have.</summary>
    public static string? Describe(ElementType type)
    {
        string? text = Array.Find(Known, known => known.Type == type).Text;
        return text is null ? null : (type.SizeInBytes() == 1 ? '|' : '<') + text;
    }

    /// <summary>What a description such as <c>&lt;f4</c> stands for.</summary>
    public static (ElementType Type, bool BigEndian) Parse(string description, string name)
    {
        if (description.Length == 3 && description[0] is ('<' or '>' or '|' or '='))
        {
            var type = Array.Find(Known, known => known.Text == description[1..]).Type;
            if (type != ElementType.Undefined)
                return (type, description[0] == '>');
        }

        throw new DatasetException(
            $"{name} has elements of NumPy type '{description}'. Supported are {string.Join(", ", Known.Select(static known => known.Text))}; convert with astype() before saving.");
    }
}
