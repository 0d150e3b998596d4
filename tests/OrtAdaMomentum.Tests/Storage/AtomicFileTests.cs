using OrtAdaMomentum.Storage;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_has_the_content()
    {
        AtomicFile.WriteAllBytes(_folder.File("a"), new byte[] { 1, 2, 3 });

        Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_old_file_is_replaced()
    {
        File.WriteAllText(_folder.File("a"), "a long old content");

        AtomicFile.Write(_folder.File("a"), stream => stream.WriteByte(7));

        Assert.Equal([7], File.ReadAllBytes(_folder.File("a")));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(_folder.File("a"), "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder.File("a"), stream =>
        {
            stream.WriteByte(7);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(_folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_reader_of_the_old_file_keeps_reading_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(_folder.File("a"), "old");
        using var reader = new StreamReader(_folder.File("a"));

        AtomicFile.WriteAllBytes(_folder.File("a"), "new"u8.ToArray());

        Assert.Equal("old", reader.ReadToEnd());
    }

    [Fact]
    public void Permissions_are_kept()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(_folder.File("a"), "old");
        File.SetUnixFileMode(_folder.File("a"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        AtomicFile.WriteAllBytes(_folder.File("a"), "new"u8.ToArray());

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("a")));
    }

    [Fact]
    public void A_missing_folder_is_an_error() =>
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteAllBytes(_folder.File("none/a"), new byte[] { 1 }));

    [Fact]
    public void A_target_that_is_a_folder_is_an_error_and_leaves_nothing()
    {
        Directory.CreateDirectory(_folder.File("a"));

        Assert.ThrowsAny<Exception>(() => AtomicFile.WriteAllBytes(_folder.File("a"), new byte[] { 1 }));

        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_an_interrupted_write_left_is_removed_and_nothing_else()
    {
        string left = Path.Combine(_folder.Path, ".state.json.0123.tmp"), kept = Path.Combine(_folder.Path, "state.tmp");
        File.WriteAllText(left, "half");
        File.WriteAllText(kept, "whole");
        AtomicFile.RemoveLeftovers(_folder.Path);
        Assert.Equal([kept], Directory.GetFiles(_folder.Path));
    }
}
