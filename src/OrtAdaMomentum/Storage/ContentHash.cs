using System.Security.Cryptography;

namespace OrtAdaMomentum.Storage;

/// <summary>How files are known by their content.</summary>
internal static class ContentHash
{
    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>SHA-256 of all that a stream holds, in lower-case hexadecimal.</summary>
    public static string Of(Stream content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The SHA-256 of what <paramref name="write"/> puts into a stream, which passes on to <paramref name="target"/>.</summary>
    public static byte[] Through(Stream target, Action<Stream> write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new HashedStream(target, hash);
        write(stream);
        return hash.GetHashAndReset();
    }
}
