using System.Globalization;
using System.Security;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>Reads the small files by which a Linux kernel tells about the machine. What is absent or cannot be read is null, never an error.</summary>
/// <param name="root">Folder that stands for <c>/</c>.</param>
internal sealed class LinuxFiles(string root)
{
    // Far above what these files hold; a file that goes on for ever must not take the memory.
    private const int MostBytes = 1 << 20;

    /// <summary>The text of a file without white space around it.</summary>
    public string? Read(string path) =>
        Try(
            () =>
            {
                // Such files say that they are empty, so they are read to their end instead.
                using var stream = new FileStream(At(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
                var bytes = new byte[4096];
                int length = 0;
                while (stream.Read(bytes, length, bytes.Length - length) is > 0 and int read)
                {
                    length += read;
                    if (length == MostBytes)
                        break;
                    if (length == bytes.Length)
                        Array.Resize(ref bytes, 2 * length);
                }

                return Encoding.UTF8.GetString(bytes, 0, length).Trim();
            });

    /// <summary>A file that holds one whole number.</summary>
    public long? ReadNumber(string path) => Number(Read(path));

    /// <summary>Names in a folder, in order; none when it is absent.</summary>
    public IReadOnlyList<string> Names(string folder) =>
        Try(() => new DirectoryInfo(At(folder)).EnumerateFileSystemInfos().Select(static entry => entry.Name).Order(StringComparer.Ordinal).ToList()) ?? [];

    public bool Exists(string path) => File.Exists(At(path)) || Directory.Exists(At(path));

    /// <summary>When a file was read last.</summary>
    public DateTime? LastAccess(string path) => Try<DateTime?>(() => File.Exists(At(path)) ? File.GetLastAccessTimeUtc(At(path)) : null);

    public static long? Number(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    private string At(string path) => Path.Combine(root, path);

    private static T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException or ArgumentException)
        {
            return default;
        }
    }
}
