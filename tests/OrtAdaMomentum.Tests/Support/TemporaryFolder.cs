namespace OrtAdaMomentum.Tests.Support;

/// <summary>A folder that is gone when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ort-ada-").FullName;

    /// <summary>A path inside the folder.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>A path inside the folder.</summary>
    public string File(string name) => this[name];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
