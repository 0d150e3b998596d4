using System.Diagnostics;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>A file system of a megabyte or so that can be filled and made read-only. Needs Linux and its administrator.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly bool _mounted;

    public SmallDisk(int kibibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only the administrator of a Linux machine may mount a disk.");
        _mounted = Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", _folder.Path);
        if (!_mounted)
        {
            _folder.Dispose();
            Assert.Skip("This machine does not let a disk be mounted.");
        }
    }

    public string this[params string[] names] => _folder[names];

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", _folder.Path));

    public void MakeWritable() => Assert.True(Run("mount", "-o", "remount,rw", _folder.Path));

    /// <summary>Fills what is left with a file.</summary>
    public void Fill(string name)
    {
        using var file = new FileStream(this[name], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Dispose()
    {
        if (_mounted)
            Run("umount", "-l", _folder.Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
