namespace OrtAdaMomentum.Storage;

/// <summary>
/// Writes a file so that, whatever happens on the way (a crash, a full disk, a power cut), its path shows either the whole old
/// content or the whole new content. When a call returns, the new content is on the disk.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Ending of the temporary files; a file with it that is left behind belongs to a write that never finished.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Replaces the file at <paramref name="path"/> by what <paramref name="write"/> puts into the stream.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? throw new ArgumentException($"'{path}' names no file.", nameof(path));
        // The same folder, because a rename is atomic only within one file system.
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            KeepPermissions(target, temporary);
            DurableRename.Replace(temporary, target);
        }
        catch
        {
            Discard(temporary);
            throw;
        }

        // Not inside the block above: the new content is in place already, only its durability is not certain.
        DurableRename.FlushFolder(folder);
    }

    /// <summary>Replaces the file at <paramref name="path"/> by <paramref name="content"/>.</summary>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    /// <summary>As <see cref="Write"/>, and gives the hash of what was written.</summary>
    public static string WriteHashed(string path, Action<Stream> write)
    {
        string hash = string.Empty;
        Write(path, stream => hash = Convert.ToHexStringLower(ContentHash.Through(stream, write)));
        return hash;
    }

    /// <summary>Removes what writes that never finished left in a folder. Nobody may be writing there.</summary>
    public static void RemoveLeftovers(string directory)
    {
        foreach (string leftover in Directory.EnumerateFiles(directory, $".*{TemporarySuffix}"))
            Discard(leftover);
    }

    private static void KeepPermissions(string target, string temporary)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(target))
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Where a write failed its error is the one to report; what is left does no harm.
        }
    }
}
