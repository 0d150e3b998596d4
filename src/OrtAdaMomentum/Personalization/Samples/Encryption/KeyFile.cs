namespace OrtAdaMomentum.Personalization;

/// <summary>A key in a file that only the user of the service may read. Keep a copy in another place: without it the samples are lost.</summary>
/// <param name="path">The file.</param>
public sealed class KeyFile(string path) : ISampleKeySource
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public string Description => $"file '{path}'";

    /// <summary>Makes a file with a new random key, mode 0600 on Linux.</summary>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    public static KeyFile Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(SampleKeyText.Create());
        file.Flush(flushToDisk: true);
        return new KeyFile(path);
    }

    /// <inheritdoc/>
    public byte[] Read()
    {
        byte[] text = SampleKeyText.ReadFile(path, Description);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) is var more and not UnixFileMode.None)
            throw SampleKeyText.Missing(Description, $"Others may use the file too ({more}). Set its mode to 0600 (chmod 600 {path}).");
        return SampleKeyText.Parse(text, Description);
    }
}
