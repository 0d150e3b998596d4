using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrtAdaMomentum.Personalization;

/// <summary>Writes an archive to a stream, which need not be able to go back.</summary>
internal sealed class SampleArchiveWriter(Stream stream) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    public void Dispose() => _hash.Dispose();

    public async ValueTask BeginAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[] header = new byte[SampleArchive.HeaderSize];
        SampleArchive.Magic.CopyTo(header);
        header[SampleArchive.Magic.Length] = SampleArchive.Version;
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(SampleArchive.Magic.Length + 1), now.ToUnixTimeMilliseconds());
        await WriteAsync(header, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(ArchivedSample sample, CancellationToken cancellationToken)
    {
        byte[] bytes = SampleArchive.Write(sample);
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        await WriteAsync(length, cancellationToken).ConfigureAwait(false);
        await WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        Count++;
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        byte[] end = new byte[sizeof(int) + sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(sizeof(int)), Count);
        await WriteAsync(end, cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync(_hash.GetHashAndReset(), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes);
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }
}
