using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// A key and what is derived from it by HKDF (RFC 5869): one key to encrypt with, one to hash names with, and an id that tells which key it is without
/// saying anything of it.
/// </summary>
internal sealed class SampleKey : IDisposable
{
    private const int NonceSize = 12, TagSize = 16;

    private readonly byte[] _secret, _names;
    private readonly AesGcm _cipher;

    public SampleKey(byte[] secret)
    {
        _secret = secret;
        _names = Derive("names", SampleKeyText.Size);
        _cipher = new AesGcm(Derive("content", SampleKeyText.Size), TagSize);
        Id = Convert.ToHexStringLower(Derive("id", 8));
    }

    /// <summary>Reads a key from where it is.</summary>
    /// <exception cref="SampleStoreException">It is missing or cannot be used.</exception>
    public static SampleKey Of(ISampleKeySource source)
    {
        byte[] secret = source.Read();
        if (secret.Length != SampleKeyText.Size)
            throw SampleKeyText.Missing(source.Description, $"A key has {SampleKeyText.Size} bytes, but this one has {secret.Length}.");
        // A copy, as it is wiped when it is not needed any more.
        return new SampleKey([.. secret]);
    }

    /// <summary>Tells which key it is.</summary>
    public string Id { get; }

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_secret);
        CryptographicOperations.ZeroMemory(_names);
    }

    /// <summary>Nonce, tag and encrypted content. A nonce is random and so used for less than 2^32 contents of a key (NIST SP 800-38D).</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> content, ReadOnlySpan<byte> bound)
    {
        byte[] result = new byte[NonceSize + TagSize + content.Length];
        var nonce = result.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, content, result.AsSpan(NonceSize + TagSize), result.AsSpan(NonceSize, TagSize), bound);
        return result;
    }

    /// <exception cref="CryptographicException">It was not encrypted with this key, or it or what it is bound to was changed.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> bound)
    {
        if (encrypted.Length < NonceSize + TagSize)
            throw new CryptographicException("It is too short.");
        byte[] content = new byte[encrypted.Length - NonceSize - TagSize];
        _cipher.Decrypt(encrypted[..NonceSize], encrypted[(NonceSize + TagSize)..], encrypted.Slice(NonceSize, TagSize), content, bound);
        return content;
    }

    /// <summary>What a name is found by: its HMAC-SHA256, so that who has the file cannot even tell whether a guess is right.</summary>
    public string Hash(string kind, string name) => Convert.ToHexStringLower(HashBytes(kind, name));

    /// <summary>The same for a number.</summary>
    public long Hash(string kind, long number) =>
        BitConverter.ToInt64(HashBytes(kind, number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>This key, as only another can open it.</summary>
    public byte[] WrapFor(SampleKey other) => other.Encrypt(_secret, Encoding.ASCII.GetBytes(Id));

    /// <summary>The key that was wrapped for this one.</summary>
    /// <exception cref="CryptographicException">It was not.</exception>
    public SampleKey Unwrap(byte[] wrapped, string id) => new(Decrypt(wrapped, Encoding.ASCII.GetBytes(id)));

    private byte[] HashBytes(string kind, string name) => HMACSHA256.HashData(_names, Encoding.UTF8.GetBytes($"{kind}\0{name}"));

    private byte[] Derive(string purpose, int size) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, size, info: Encoding.ASCII.GetBytes($"OrtAdaMomentum samples {purpose}"));
}
