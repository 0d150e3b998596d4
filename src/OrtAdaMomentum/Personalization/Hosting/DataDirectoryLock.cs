namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Keeps a data folder for one service: a file that is held open, which the operating system lets go when the process ends, however it ends.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = ".lock";

    private readonly string _path;
    private readonly Lock _lock = new();
    private FileStream? _file;

    private DataDirectoryLock(string path, FileStream? file) => (_path, _file) = (path, file);

    /// <summary>Whether nobody else can take it.</summary>
    public bool IsHeld => _file is not null;

    /// <exception cref="FineTuningException">Another service, or a tool, uses the folder, or there is none and it cannot be made.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            Directory.CreateDirectory(directory);
            return new DataDirectoryLock(path, Open(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException(
                $"The data folder '{directory}' cannot be used: {error.Message} It is for one service at a time, which has to be able to write there.", error);
        }
    }

    /// <summary>
    /// The same for a service, which serves what is in the folder also where it cannot write there: without the file nobody else uses it either.
    /// </summary>
    /// <param name="directory">The data folder.</param>
    /// <param name="versions">The folder of the versions in it.</param>
    /// <exception cref="FineTuningException">As above, or there is no version in a folder that cannot be written.</exception>
    public static DataDirectoryLock TakeToServe(string directory, string versions)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            return Take(directory);
        }
        catch (FineTuningException) when (!File.Exists(path) && Directory.Exists(versions) && Directory.EnumerateDirectories(versions).Any())
        {
            return new DataDirectoryLock(path, file: null);
        }
    }

    /// <summary>Takes it where that was not possible before; gives what is wrong if somebody else was faster.</summary>
    public string? Hold()
    {
        // Those who ask at the same time must not take each other for another service.
        lock (_lock)
        {
            if (IsHeld)
                return null;
            try
            {
                _file = Open(_path);
                return null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return File.Exists(_path)
                    ? $"The data folder could not be written when this service started, and now another one uses it: '{_path}' is taken. End one of the two."
                    : null;
            }
        }
    }

    /// <summary>Takes it before something is changed that another service may change as well.</summary>
    /// <exception cref="FineTuningException">It cannot be had.</exception>
    public void Demand()
    {
        if (Hold() is { } taken)
            throw new FineTuningException(taken);
        if (!IsHeld)
            throw new FineTuningException($"The data folder cannot be written: '{_path}' cannot be made. Make room there, or mount the disk writable.");
    }

    public void Dispose() => _file?.Dispose();

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
