using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>A key as it is written in files: base64, with or without a line end.</summary>
internal static class SampleKeyText
{
    /// <summary>Bytes of a key, as AES-256 and HMAC-SHA256 have it.</summary>
    public const int Size = 32;

    // The text of a key with room for line ends and blanks.
    private const int MostText = 256;

    public static byte[] Create() => Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)) + "\n");

    /// <exception cref="SampleStoreException">It is not the text of a key.</exception>
    public static byte[] Parse(byte[] text, string description)
    {
        try
        {
            byte[] key = text.Length <= MostText ? Convert.FromBase64String(Encoding.ASCII.GetString(text).Trim()) : [];
            if (key.Length == Size)
                return key;
        }
        catch (FormatException)
        {
            // The same message; the text may be a secret, so it is not shown.
        }

        throw Missing(description, $"It is not a key: it has to be the base64 of {Size} bytes. Bring the right file back.");
    }

    public static byte[] ReadFile(string path, string description)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Missing(description, $"It cannot be read: {error.Message} Bring it back, or give the user of the service the right to read it.", error);
        }
    }

    public static SampleStoreException Missing(string description, string problem, Exception? inner = null) =>
        new(SampleStoreProblem.Key, $"The key of the samples, {description}: {problem} No sample is lost; they are read again when the key is there.", inner);
}
