using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a sample is called, whom it is of, and where it comes from.</summary>
internal sealed record SampleNames(string Key, string? Subject, string? Source)
{
    public static SampleNames Of(Sample sample) => new(sample.Key, sample.Subject, sample.Source);

    /// <summary>These names and content in one, as they are encrypted.</summary>
    public byte[] Before(byte[] content)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Key);
        Write(writer, Subject);
        Write(writer, Source);
        writer.Write(content);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>The names and the content behind them.</summary>
    /// <exception cref="EndOfStreamException">The bytes end too early.</exception>
    public static (SampleNames Names, byte[] Content) Split(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
        var names = new SampleNames(reader.ReadString(), Read(reader), Read(reader));
        return (names, bytes[(int)reader.BaseStream.Position..]);
    }

    private static void Write(BinaryWriter writer, string? name)
    {
        writer.Write(name is not null);
        if (name is not null)
            writer.Write(name);
    }

    private static string? Read(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
