using System.Buffers.Binary;
using System.Text;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>A field of a table that is written: its size, and how its value gets to its place.</summary>
internal readonly record struct FlatField(int Size, Action<int>? Put)
{
    /// <summary>A field that is left out, because it has its default.</summary>
    public static FlatField Absent => default;
}

/// <summary>
/// Writes a flatbuffer from front to back, each table before what it refers to, so that every offset leads forward. Numbers lie at
/// multiples of their size, as readers that verify a file demand.
/// </summary>
/// <param name="capacity">How many bytes are expected; more are possible.</param>
internal sealed class FlatWriter(int capacity)
{
    private byte[] _bytes = new byte[Math.Max(capacity, 64)];
    private int _length;

    /// <summary>Reserves the start of the file, for the offset of the root and the identifier.</summary>
    public int Reserve(int size) => Grow(size);

    public void PutBytes(int place, ReadOnlySpan<byte> value) => value.CopyTo(_bytes.AsSpan(place));

    public byte[] ToArray() => _length == _bytes.Length ? _bytes : _bytes[.._length];

    /// <summary>Writes a table and the values of its fields.</summary>
    public int Table(params ReadOnlySpan<FlatField> fields)
    {
        Span<ushort> places = stackalloc ushort[fields.Length];
        int size = 4;
        for (int index = 0; index < fields.Length; index++)
        {
            if (fields[index].Put is null)
                continue;
            size = (size + fields[index].Size - 1) / fields[index].Size * fields[index].Size;
            places[index] = (ushort)size;
            size += fields[index].Size;
        }

        // The table lies at a multiple of 8 with the list of its fields right before it.
        int directorySize = 4 + 2 * fields.Length;
        Grow((8 - (_length + directorySize) % 8) % 8);
        int directory = Grow(directorySize);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(directory), (ushort)directorySize);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(directory + 2), (ushort)size);
        for (int index = 0; index < places.Length; index++)
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(directory + 4 + 2 * index), places[index]);
        int table = Grow(size);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(table), table - directory);
        for (int index = 0; index < fields.Length; index++)
            fields[index].Put?.Invoke(table + places[index]);
        return table;
    }

    public FlatField Int32(int value) => new(4, place => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(place), value));

    public FlatField Int64(long value) => new(8, place => BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(place), value));

    public FlatField Single(float value) => new(4, place => BinaryPrimitives.WriteSingleLittleEndian(_bytes.AsSpan(place), value));

    public FlatField True() => new(1, place => _bytes[place] = 1);

    public FlatField Text(string value) => Reference(() => WriteText(value));

    public FlatField Bytes(ReadOnlyMemory<byte> value) => Reference(() =>
    {
        int vector = Vector(value.Length, 16, value.Length);
        value.Span.CopyTo(_bytes.AsSpan(vector + 4));
        return vector;
    });

    public FlatField Integers(IReadOnlyList<long> values) => Reference(() =>
    {
        int vector = Vector(values.Count, sizeof(long), checked(values.Count * sizeof(long)));
        for (int index = 0; index < values.Count; index++)
            BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(vector + 4 + index * sizeof(long)), values[index]);
        return vector;
    });

    /// <summary>A vector of tables or texts.</summary>
    public FlatField List<T>(IReadOnlyList<T> values, Func<T, int> write) => Reference(() =>
    {
        int vector = Vector(values.Count, 4, checked(values.Count * 4));
        for (int index = 0; index < values.Count; index++)
            Refer(vector + 4 + index * 4, write(values[index]));
        return vector;
    });

    public FlatField Reference(Func<int> write) => new(4, place => Refer(place, write()));

    public void Refer(int place, int target) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(place), (uint)(target - place));

    public int WriteText(string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(value);
        int vector = Vector(text.Length, 4, text.Length + 1);
        text.CopyTo(_bytes, vector + 4);
        return vector;
    }

    /// <summary>Room for a vector whose first element lies at a multiple of <paramref name="alignment"/>; its number of elements is written.</summary>
    private int Vector(int count, int alignment, int size)
    {
        Grow((alignment - (_length + 4) % alignment) % alignment);
        int vector = Grow(checked(4 + size));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(vector), count);
        return vector;
    }

    private int Grow(int size)
    {
        int start = _length;
        _length = checked(_length + size);
        if (_length > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_length, 2L * _bytes.Length)));
        return start;
    }
}
