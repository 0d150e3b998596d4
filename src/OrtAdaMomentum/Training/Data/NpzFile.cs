using System.IO.Compression;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Training.Data;

/// <summary>Reads and writes NumPy's .npz files: archives of named arrays.</summary>
public static class NpzFile
{
    private const string Extension = ".npy";

    /// <summary>The names of the arrays in a file.</summary>
    /// <exception cref="DatasetException">The file cannot be read, or is no such file.</exception>
    public static IReadOnlyList<string> ListNames(string path) => Open(path, static archive => (IReadOnlyList<string>)[.. Names(archive)]);

    /// <summary>Reads arrays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The arrays wanted; null for all. Others are not even decompressed. One that is not there is left out of the result.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="DatasetException">The file is damaged, over a limit, or holds arrays of an unsupported kind.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(
        string path, IReadOnlyCollection<string>? names = null, DatasetReadOptions? options = null) => Open(path, archive =>
    {
        long left = (options ?? DatasetReadOptions.Default).MaxBytes;
        Dictionary<string, NpyArray> arrays = new(StringComparer.Ordinal);
        foreach (var entry in archive.Entries.Where(IsArray))
        {
            string name = NameOf(entry);
            if (names is not null && !names.Contains(name))
                continue;
            var array = Read(entry, $"Array '{name}' in '{path}'", left);
            left -= array.Bytes.Length;
            if (!arrays.TryAdd(name, array))
                throw new DatasetException($"'{path}' has two arrays named '{name}'.");
        }

        return (IReadOnlyDictionary<string, NpyArray>)arrays;
    });

    /// <summary>Writes arrays, compressed. The file shows either its whole old or its whole new content whatever happens meanwhile.</summary>
    /// <exception cref="ArgumentException">A name is empty or given twice.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, NpyArray>> arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        KeyValuePair<string, NpyArray>[] all = [.. arrays];
        foreach ((string name, int count) in all.CountBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (name.Length == 0 || count > 1)
                throw new ArgumentException($"{count} arrays are named '{name}'.", nameof(arrays));
        }

        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, NpyArray array) in all)
            {
                using var entry = archive.CreateEntry(name + Extension, CompressionLevel.Fastest).Open();
                NpyFormat.Write(entry, array);
            }
        });
    }

    private static NpyArray Read(ZipArchiveEntry entry, string name, long limit)
    {
        // The directory of the archive may claim any length. What the compressed bytes can expand to is a bound it cannot lie about.
        long capacity = Math.Min(entry.Length, (long)Int128.Min((Int128)entry.CompressedLength * ByteSource.DeflateRatio, long.MaxValue));
        using var stream = entry.Open();
        var source = new ByteSource(stream, name, capacity, limit);
        var array = NpyFormat.Read(source);
        return source.Checksum == entry.Crc32 ? array : throw new DatasetException($"{name} is damaged: its checksum does not match.");
    }

    private static T Open<T>(string path, Func<ZipArchive, T> use)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataFile.Open(path);
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return use(archive);
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException($"'{path}' is not an .npz file, or is damaged: {error.Message}", error);
        }
    }

    private static IEnumerable<string> Names(ZipArchive archive) => archive.Entries.Where(IsArray).Select(NameOf);

    private static bool IsArray(ZipArchiveEntry entry) => entry.FullName.EndsWith(Extension, StringComparison.Ordinal);

    private static string NameOf(ZipArchiveEntry entry) => entry.FullName[..^Extension.Length];
}
