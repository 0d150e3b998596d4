using System.Buffers.Binary;
using System.Text;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The bytes of a flatbuffer that nobody vouches for.</summary>
/// <param name="bytes">The file.</param>
/// <param name="source">Where it came from, for messages.</param>
internal sealed class FlatFile(ReadOnlyMemory<byte> bytes, string source)
{
    /// <summary>
    /// Tables and texts may be shared, so that reading could take much more memory than the file has. An honest file comes to about its own
    /// length without the data, which is not copied.
    /// </summary>
    private long _budget = 4L * bytes.Length + 4096;

    /// <summary>Most tables, as in the official reader.</summary>
    private const int MostTables = 1_000_000;

    private int _tables;

    private static readonly UTF8Encoding StrictText = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Length => bytes.Length;

    public FineTuningException Refuse(string what) => new($"{source}: the checkpoint cannot be read: {what}.");

    /// <summary>The place, when so many bytes from there on are inside the file.</summary>
    public int Check(long place, long size, string what) =>
        place >= 0 && size >= 0 && size <= bytes.Length - place
            ? (int)place
            : throw Refuse($"{what} lies outside of the file ({size} bytes at byte {place}, the file has {bytes.Length}); it is damaged or cut off");

    /// <summary>Counts a table that is read.</summary>
    public void CountTable(string what)
    {
        if (++_tables > MostTables)
            throw Refuse($"there are more than {MostTables} tables, as seen at {what}");
    }

    /// <summary>Takes from what may be read in all.</summary>
    public void Spend(long size, string what)
    {
        _budget -= size;
        if (_budget < 0)
            throw Refuse($"offsets lead to the same places again and again, as seen at {what}");
    }

    public byte Byte(int place) => bytes.Span[place];

    public int UInt16(int place) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[place..]);

    public int Int32(int place, string what) => BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[Check(place, 4, what)..]);

    public long Int64(int place) => BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[place..]);

    public ReadOnlyMemory<byte> Slice(int place, int size) => bytes.Slice(place, size);

    /// <summary>Where the offset at <paramref name="place"/> leads.</summary>
    public int Follow(int place, string what)
    {
        long offset = (uint)Int32(place, what);
        // An offset counts from where it lies and only leads forward, so an honest one is never smaller than itself.
        if (offset < 4)
            throw Refuse($"the offset of {what}, at byte {place}, leads nowhere ({offset})");
        return Check(place + offset, 4, what);
    }

    /// <summary>The first element and the number of elements of a vector.</summary>
    public (int Start, int Count) Vector(int place, int elementSize, string what)
    {
        int vector = Follow(place, what);
        long count = (uint)Int32(vector, what);
        if (count * elementSize > bytes.Length - (vector + 4L))
            throw Refuse($"{what} has {count} entries at byte {vector}, more than the rest of the file holds; it is damaged or cut off");
        return (vector + 4, (int)count);
    }

    /// <summary>A text.</summary>
    public string Text(int place, string what)
    {
        var (start, count) = Vector(place, 1, what);
        Spend(count, what);
        try
        {
            return StrictText.GetString(bytes.Span.Slice(start, count));
        }
        catch (DecoderFallbackException problem)
        {
            throw new FineTuningException($"{source}: the checkpoint cannot be read: {what}, at byte {start}, is no UTF-8.", problem);
        }
    }
}
