using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

/// <summary>A folder that stands for the root of a Linux machine.</summary>
internal sealed class LinuxTree : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LinuxFiles Files => new(_folder.Path);

    /// <summary>Writes a file as the kernel shows it: with a line end.</summary>
    public LinuxTree With(string path, string content)
    {
        string target = Path.Combine(_folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, content + "\n");
        return this;
    }

    /// <summary>Writes several files of one folder.</summary>
    public LinuxTree With(string folder, params (string Name, string Content)[] files)
    {
        foreach (var (name, content) in files)
            With($"{folder}/{name}", content);
        return this;
    }

    public void ReadAt(string path, DateTimeOffset time)
    {
        With(path, "");
        File.SetLastAccessTimeUtc(Path.Combine(_folder.Path, path), time.UtcDateTime);
    }

    public void Remove(string path) => File.Delete(Path.Combine(_folder.Path, path));

    public void Dispose() => _folder.Dispose();
}
