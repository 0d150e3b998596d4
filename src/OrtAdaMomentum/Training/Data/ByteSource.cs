using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Reads a data file front to back and takes memory only for what the file can really hold: an array is allocated when the limit and the
/// number of bytes that the file can expand to allow it, whatever a header claims.
/// </summary>
internal sealed class ByteSource(Stream stream, string name, long capacity, long limit)
{
    /// <summary>The most that one compressed byte expands to in the deflate format.</summary>
    public const long DeflateRatio = 1032;

    private readonly Crc32 _checksum = new();

    /// <summary>How messages call the file.</summary>
    public string Name => name;

    /// <summary>CRC-32 of everything read so far.</summary>
    public uint Checksum => _checksum.GetCurrentHashAsUInt32();

    public void Read(Span<byte> destination)
    {
        try
        {
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException error)
        {
            throw new DatasetException($"{name} is truncated.", error);
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException($"{name} is damaged: {error.Message}", error);
        }

        _checksum.Append(destination);
    }

    public byte[] Read(long length)
    {
        if (length > limit)
            throw new DatasetException($"{name} holds an array of {length} bytes; the limit is {limit}.");
        if (length > capacity)
            throw new DatasetException($"{name} is truncated: its header announces {length} bytes of data, and it can hold {capacity} at most.");
        if (length > Array.MaxLength)
            throw new DatasetException($"{name} holds an array of {length} bytes; one array can have {Array.MaxLength}. Split the data into several files.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        Read(bytes);
        return bytes;
    }

    /// <summary>Refuses a file that goes on.</summary>
    public void ExpectEnd()
    {
        int next;
        try
        {
            next = stream.ReadByte();
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException($"{name} is damaged: {error.Message}", error);
        }

        if (next >= 0)
            throw new DatasetException($"{name} has more data than its header announces.");
    }

    /// <summary>Turns big-endian elements of the given size into little-endian ones, or the reverse.</summary>
    public static void ReverseEndianness(Span<byte> bytes, int elementSize)
    {
        switch (elementSize)
        {
            case 2:
                var words = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                var doubleWords = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(doubleWords, doubleWords);
                break;
            case 8:
                var quadWords = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(quadWords, quadWords);
                break;
        }
    }
}
