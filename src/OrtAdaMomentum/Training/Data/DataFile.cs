namespace OrtAdaMomentum.Training.Data;

/// <summary>Opens data files for reading, with errors that name them.</summary>
internal static class DataFile
{
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = error is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : error.Message;
            throw new DatasetException($"'{path}' cannot be read: {reason}", error);
        }
    }
}
