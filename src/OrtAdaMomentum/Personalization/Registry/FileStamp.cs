namespace OrtAdaMomentum.Personalization;

/// <summary>Tells whether a file may have changed since it was looked at, without reading it.</summary>
/// <param name="Length">Its bytes; -1 when there is no such file.</param>
/// <param name="Written">When it was last written.</param>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc) : new FileStamp(-1, default);
    }
}
