using System.IO.Compression;

namespace OrtAdaMomentum.Personalization;

/// <summary>Makes content smaller and gives it back.</summary>
internal static class SampleCompressor
{
    // In the middle of its range: samples are small, and thousands come in a second.
    private const int Quality = 4, Window = 18;

    /// <summary>The compressed content; null if it would not be smaller.</summary>
    public static byte[]? Compress(ReadOnlySpan<byte> content, SampleCompression compression)
    {
        switch (compression)
        {
            case SampleCompression.Brotli:
                byte[] buffer = new byte[content.Length];
                return BrotliEncoder.TryCompress(content, buffer, out int length, Quality, Window) && length < content.Length ? buffer[..length] : null;
            case SampleCompression.ZLib:
                using (var stream = new MemoryStream())
                {
                    using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
                        zlib.Write(content);
                    return stream.Length < content.Length ? stream.ToArray() : null;
                }

            default:
                return null;
        }
    }

    /// <summary>The content, which must have the length that it is said to have.</summary>
    /// <exception cref="InvalidDataException">It has not, or is no compressed content.</exception>
    public static byte[] Decompress(byte[] bytes, int start, int count, SampleCompression compression, int length)
    {
        using var compressed = new MemoryStream(bytes, start, count, writable: false);
        using Stream stream = compression switch
        {
            SampleCompression.Brotli => new BrotliStream(compressed, CompressionMode.Decompress),
            SampleCompression.ZLib => new ZLibStream(compressed, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"there is no compression {(int)compression}"),
        };
        // Grows with what is there, so that a length that is not true takes no memory.
        using var content = new MemoryStream();
        byte[] block = new byte[Math.Min(length + 1, 1 << 16)];
        try
        {
            for (int read; (read = stream.Read(block)) > 0;)
            {
                content.Write(block, 0, read);
                if (content.Length > length)
                    break;
            }
        }
        catch (InvalidOperationException damage)
        {
            throw new InvalidDataException(damage.Message, damage);
        }

        return content.Length == length ? content.ToArray() : throw new InvalidDataException($"its content has not the length {length}");
    }
}
