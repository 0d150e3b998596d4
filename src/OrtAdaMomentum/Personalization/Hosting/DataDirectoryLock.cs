namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Keeps a data folder for one service: a file that is held open, which the operating system lets go when the process ends, however it ends.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = ".lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <exception cref="FineTuningException">Another service, or a tool, uses the folder, or there is none and it cannot be made.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            Directory.CreateDirectory(directory);
            return new DataDirectoryLock(Open(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException(
                $"The data folder '{directory}' cannot be used: {error.Message} It is for one service at a time, which has to be able to write there.", error);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (File.Exists(path) && error is IOException or UnauthorizedAccessException)
        {
            // On a disk that has become read-only, what was served can still be served. Where another process holds the file this fails as well.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        }
    }
}
