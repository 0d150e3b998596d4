using Microsoft.Win32.SafeHandles;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>Reads parts of files that must lie inside a folder, by a relative path that somebody untrusted wrote.</summary>
internal static class ContainedFile
{
    /// <summary>
    /// <paramref name="length"/> bytes from <paramref name="offset"/> of the file <paramref name="relativePath"/>, or null when the
    /// file ends before that.
    /// </summary>
    /// <exception cref="OnnxModelException">The path leaves the folder, goes through a link, or names no regular file.</exception>
    public static byte[]? Read(string folder, string relativePath, long offset, long length)
    {
        string[] segments = Segments(relativePath);
        using SafeFileHandle handle = OperatingSystem.IsLinux()
            ? LinuxContainedFile.Open(folder, segments, relativePath)
            : OpenWithoutLinks(folder, segments, relativePath);

        // Nothing is allocated before the file is known to be long enough.
        long available = RandomAccess.GetLength(handle);
        if (offset > available || length > available - offset || length > Array.MaxLength)
            return null;
        var data = new byte[length];
        int filled = 0;
        while (filled < data.Length)
        {
            int read = RandomAccess.Read(handle, data.AsSpan(filled), offset + filled);
            if (read == 0)
                return null;
            filled += read;
        }

        return data;
    }

    private static string[] Segments(string path)
    {
        // Both separators and drive letters are judged alike on every system, so that a model means the same everywhere.
        if (path.Contains('\0', StringComparison.Ordinal) || path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal))
            throw Refuse(path, "contains a character that a relative path must not have");
        if (path.StartsWith('/') || Path.IsPathRooted(path))
            throw Refuse(path, "is absolute");
        string[] segments = path.Split('/');
        if (segments[0] == "." && segments.Length > 1)
            segments = segments[1..];
        if (segments.Contains(".."))
            throw Refuse(path, "leaves the model's folder");
        return segments.Any(static segment => segment is "" or ".") ? throw Refuse(path, "is not in its simplest form") : segments;
    }

    private static SafeFileHandle OpenWithoutLinks(string folder, string[] segments, string path)
    {
        string current = folder;
        foreach (string segment in segments)
        {
            current = Path.Combine(current, segment);
            if ((File.GetAttributes(current) & FileAttributes.ReparsePoint) != 0)
                throw Refuse(path, "goes through a link");
        }

        if ((File.GetAttributes(current) & (FileAttributes.Directory | FileAttributes.Device)) != 0)
            throw Refuse(path, "is no regular file");
        return File.OpenHandle(current);
    }

    internal static OnnxModelException Refuse(string path, string why) =>
        new($"External data is read only from regular files inside the model's folder; '{path}' {why}.");
}
