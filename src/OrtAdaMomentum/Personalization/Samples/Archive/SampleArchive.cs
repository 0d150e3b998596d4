using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The format of an archive: eight letters, a version byte and the time in milliseconds; then each sample as its length and its bytes; then a length of
/// zero, the number of samples, and the SHA-256 of everything before it. Numbers are little-endian. Written by one version and read by all later ones.
/// </summary>
internal static class SampleArchive
{
    public const byte Version = 1;

    public const int HeaderSize = 8 + 1 + sizeof(long);

    /// <summary>What each archive begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "OADMSAMP"u8;

    public static byte[] Write(ArchivedSample sample)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)sample.Role);
        writer.Write(sample.Received);
        writer.Write(sample.IsNew);
        writer.Write(sample.Names.Before(sample.Content));
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> writes.</exception>
    public static ArchivedSample Read(byte[] bytes)
    {
        const int start = 1 + sizeof(long) + 1;
        if (bytes.Length <= start || bytes[0] > (byte)SampleRole.HeldOut || bytes[start - 1] > 1)
            throw new InvalidDataException("it has another form");
        try
        {
            var (names, content) = SampleNames.Split(bytes[start..]);
            return new ArchivedSample(names, (SampleRole)bytes[0], BitConverter.ToInt64(bytes, 1), bytes[start - 1] == 1, content);
        }
        catch (Exception damage) when (damage is EndOfStreamException or FormatException or IOException)
        {
            throw new InvalidDataException(damage.Message, damage);
        }
    }
}
