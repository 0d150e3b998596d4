using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace OrtAdaMomentum.Personalization;

/// <summary>Reads an archive from a stream, which need not be able to go back. What it gives is only sure when it has come to its end.</summary>
internal sealed class SampleArchiveReader(Stream source, SampleImportOptions limits)
{
    private const int BufferSize = 1 << 16;

    // Most of a sample that is made room for before it is there.
    private const int Block = 1 << 20;

    private long _bytes;

    /// <exception cref="SampleArchiveException">It is no archive, cut, altered, or beyond a limit; the message says which.</exception>
    public async IAsyncEnumerable<ArchivedSample> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = new BufferedStream(source, BufferSize);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Check(await TakeAsync(stream, hash, SampleArchive.HeaderSize, cancellationToken).ConfigureAwait(false));
        long count = 0;
        while (true)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(await TakeAsync(stream, hash, sizeof(int), cancellationToken).ConfigureAwait(false));
            if (length == 0)
                break;
            if (length < 0 || length > limits.MaximumSampleBytes)
                throw new SampleArchiveException($"Sample {count + 1} of the archive has {length} bytes; allowed are 1 to {limits.MaximumSampleBytes}.");
            if (++count > limits.MaximumSamples)
                throw new SampleArchiveException($"The archive has more than {limits.MaximumSamples} samples.");
            yield return Read(await TakeAsync(stream, hash, length, cancellationToken).ConfigureAwait(false), count);
        }

        long said = BinaryPrimitives.ReadInt64LittleEndian(await TakeAsync(stream, hash, sizeof(long), cancellationToken).ConfigureAwait(false));
        byte[] computed = hash.GetHashAndReset();
        byte[] written = await TakeAsync(stream, null, computed.Length, cancellationToken).ConfigureAwait(false);
        if (said != count || !computed.AsSpan().SequenceEqual(written))
            throw new SampleArchiveException("The archive was altered: its checksum is another than that of its content.");
        if (await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
            throw new SampleArchiveException("There is more behind the end of the archive.");
    }

    private static void Check(byte[] header)
    {
        if (!header.AsSpan().StartsWith(SampleArchive.Magic))
            throw new SampleArchiveException("This is no archive of samples.");
        byte version = header[SampleArchive.Magic.Length];
        if (version != SampleArchive.Version)
            throw new SampleArchiveException($"The archive has the version {version}; this program reads {SampleArchive.Version}. Use the newer program that wrote it.");
    }

    private static ArchivedSample Read(byte[] bytes, long number)
    {
        try
        {
            return SampleArchive.Read(bytes);
        }
        catch (InvalidDataException damage)
        {
            throw new SampleArchiveException($"Sample {number} of the archive cannot be read: {damage.Message}", damage);
        }
    }

    private async ValueTask<byte[]> TakeAsync(BufferedStream stream, IncrementalHash? hash, int length, CancellationToken cancellationToken)
    {
        _bytes += length;
        if (_bytes > limits.MaximumBytes)
            throw new SampleArchiveException($"The archive has more than {limits.MaximumBytes} bytes.");
        byte[] bytes = new byte[Math.Min(length, Block)];
        int filled = 0;
        while (filled < length)
        {
            // A length that is not true takes no more memory than what is there.
            if (filled == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(length, bytes.Length * 2L));
            int read = await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new SampleArchiveException("The archive is cut: it ends before its end mark.");
            filled += read;
        }

        hash?.AppendData(bytes);
        return bytes;
    }
}
