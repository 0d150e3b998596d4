using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Report;

/// <summary>Writes square grey images as PNG (ISO/IEC 15948): dark ink on white.</summary>
internal static class GrayPng
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>An image of ink from 0 (none) to 1.</summary>
    public static byte[] Encode(ReadOnlySpan<float> ink, int side)
    {
        using var png = new MemoryStream();
        png.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], side);
        header[8] = 8;
        WriteChunk(png, "IHDR"u8, header);

        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int y = 0; y < side; y++)
            {
                // Every row begins with its filter; 0 is none.
                packed.WriteByte(0);
                for (int x = 0; x < side; x++)
                    packed.WriteByte((byte)(255 - Math.Clamp((int)MathF.Round(ink[y * side + x] * 255), 0, 255)));
            }
        }

        WriteChunk(png, "IDAT"u8, rows.GetBuffer().AsSpan(0, (int)rows.Length));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        png.Write(number);
    }
}
