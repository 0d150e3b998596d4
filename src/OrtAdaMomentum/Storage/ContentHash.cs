using System.Security.Cryptography;

namespace OrtAdaMomentum.Storage;

/// <summary>How files are known by their content.</summary>
internal static class ContentHash
{
    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
