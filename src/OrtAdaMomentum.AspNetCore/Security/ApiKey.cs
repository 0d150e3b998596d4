using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>The key that requests have to bring. Only its hash is kept, so that it is in no dump of memory for longer than needed.</summary>
internal sealed class ApiKey
{
    /// <summary>Shorter keys could be guessed.</summary>
    public const int MinimumLength = 16;

    // A file that is no key at all must not be read into memory.
    private const int LargestFile = 4096;

    private readonly byte[] _hash;

    private ApiKey(string key) => _hash = Hash(key);

    /// <summary>The key that the options name; null when there is none that can be used.</summary>
    public static ApiKey? Read(FineTuningWebOptions options, out string? problem)
    {
        problem = null;
        string? key = options.ApiKey;
        string source = "ApiKey";
        if (key is null && options.ApiKeyFile is { } file)
        {
            string path = Resolve(file);
            source = $"The key in ApiKeyFile '{path}'";
            key = ReadFile(path, out problem);
            if (key is null)
                return null;
        }

        if (key is null)
            problem = "ApiKey or ApiKeyFile must be given when Access is ApiKey.";
        else if (key.Length < MinimumLength)
            problem = $"{source} must have at least {MinimumLength} characters, had {key.Length}.";
        else if (key.Any(static character => character is <= ' ' or > '~'))
            problem = $"{source} must consist of visible ASCII characters, as others do not fit into a header.";
        return problem is null ? new ApiKey(key!) : null;
    }

    /// <summary>Whether a request's key is the right one; the time it takes says nothing about where they differ.</summary>
    public bool Matches(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _hash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string Resolve(string file) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } credentials
            ? Path.Combine(credentials, file)
            : Path.GetFullPath(file);

    private static string? ReadFile(string path, out string? problem)
    {
        problem = null;
        try
        {
            if (new FileInfo(path).Length <= LargestFile)
                return File.ReadAllText(path).Trim();
            problem = $"ApiKeyFile '{path}' must be a file with a key, was {new FileInfo(path).Length} bytes long.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"ApiKeyFile '{path}' cannot be read: {error.Message}";
        }

        return null;
    }
}
