namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// A table of a flatbuffer (the format of https://flatbuffers.dev/internals): where its fields lie, every place checked against the file's
/// end before it is read.
/// </summary>
internal readonly struct FlatTable
{
    private readonly FlatFile _file;
    private readonly int _table;
    private readonly int _tableSize;
    private readonly int _directory;
    private readonly int _directorySize;

    /// <summary>The table that the offset at <paramref name="place"/> leads to.</summary>
    /// <param name="file">The file.</param>
    /// <param name="place">Where the offset lies.</param>
    /// <param name="what">What the table is, for messages.</param>
    public FlatTable(FlatFile file, int place, string what)
    {
        _file = file;
        What = what;
        file.CountTable(what);
        _table = file.Follow(place, what);
        long directory = _table - (long)file.Int32(_table, what);
        _directory = file.Check(directory, 4, $"the list of fields of {what}");
        _directorySize = file.UInt16(_directory);
        _tableSize = file.UInt16(_directory + 2);
        if (_directorySize < 4 || _directorySize % 2 != 0 || _tableSize < 4)
            throw file.Refuse($"the list of fields of {what}, at byte {_directory}, has the impossible length {_directorySize} for a table of {_tableSize}");
        file.Check(_directory, _directorySize, $"the list of fields of {what}");
        file.Check(_table, _tableSize, what);
        file.Spend(_directorySize, what);
    }

    public string What { get; }

    public bool Has(int field) => Offset(field, 0) != 0;

    public int Int32(int field, int otherwise) => Offset(field, 4) is var place && place > 0 ? _file.Int32(place, What) : otherwise;

    public long Int64(int field, long otherwise) => Offset(field, 8) is var place && place > 0 ? _file.Int64(place) : otherwise;

    public float Single(int field) => Offset(field, 4) is var place && place > 0 ? BitConverter.Int32BitsToSingle(_file.Int32(place, What)) : 0;

    public bool Boolean(int field) => Offset(field, 1) is var place && place > 0 && _file.Byte(place) != 0;

    public string? Text(int field, string name) => Offset(field, 4) is var place && place > 0 ? _file.Text(place, $"the {name} of {What}") : null;

    public ReadOnlyMemory<byte>? Bytes(int field, string name)
    {
        if (Offset(field, 4) is not (var place and > 0))
            return null;
        var (start, count) = _file.Vector(place, 1, $"the {name} of {What}");
        return _file.Slice(start, count);
    }

    public long[]? Integers(int field, string name, int most)
    {
        if (Offset(field, 4) is not (var place and > 0))
            return null;
        var (start, count) = _file.Vector(place, sizeof(long), $"the {name} of {What}");
        if (count > most)
            throw _file.Refuse($"the {name} of {What} has {count} entries, more than {most}");
        _file.Spend(count * sizeof(long), What);
        long[] values = new long[count];
        for (int index = 0; index < count; index++)
            values[index] = _file.Int64(start + index * sizeof(long));
        return values;
    }

    public FlatTable? Table(int field, string name) => Offset(field, 4) is var place && place > 0 ? new FlatTable(_file, place, name) : null;

    /// <summary>The entries of a vector of tables or texts; null where the field is absent.</summary>
    public List<T>? List<T>(int field, string name, Func<FlatFile, int, int, T> read)
    {
        if (Offset(field, 4) is not (var place and > 0))
            return null;
        var (start, count) = _file.Vector(place, 4, $"the {name} of {What}");
        _file.Spend((long)count * 4, What);
        var entries = new List<T>(count);
        for (int index = 0; index < count; index++)
            entries.Add(read(_file, start + index * 4, index));
        return entries;
    }

    /// <summary>Where a field of <paramref name="size"/> bytes lies; 0 where it is absent.</summary>
    private int Offset(int field, int size)
    {
        int entry = 4 + 2 * field;
        if (entry + 2 > _directorySize)
            return 0;
        int offset = _file.UInt16(_directory + entry);
        if (offset == 0)
            return 0;
        return offset >= 4 && offset + size <= _tableSize
            ? _table + offset
            : throw _file.Refuse($"field {field} of {What}, at byte {_table}, lies outside of the table (offset {offset} of {_tableSize})");
    }
}
