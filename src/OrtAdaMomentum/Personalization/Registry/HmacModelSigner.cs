using System.Security.Cryptography;

namespace OrtAdaMomentum.Personalization;

/// <summary>Signs with HMAC-SHA-256 and a key that the machine keeps to itself.</summary>
public sealed class HmacModelSigner : IModelSigner
{
    /// <summary>Fewest bytes of a key.</summary>
    public const int MinimumKeyBytes = 16;

    private readonly byte[] _key;

    /// <summary>A signer with a key, which is copied.</summary>
    /// <exception cref="ArgumentException">The key is shorter than <see cref="MinimumKeyBytes"/>.</exception>
    public HmacModelSigner(ReadOnlySpan<byte> key)
    {
        if (key.Length < MinimumKeyBytes)
            throw new ArgumentException($"The key has to have at least {MinimumKeyBytes} bytes, had {key.Length}.", nameof(key));
        _key = key.ToArray();
    }

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, hash));

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> hash, string signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return signature.Length == 2 * given.Length
            && Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, hash), given);
    }
}
