using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Where keys come from.</summary>
public sealed class SampleKeySourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_file_is_made_once_with_a_key_of_its_own_for_its_owner_only()
    {
        var first = KeyFile.Create(_folder["first"]);
        var second = KeyFile.Create(_folder["second"]);

        Assert.Equal(32, first.Read().Length);
        Assert.Equal(first.Read(), new KeyFile(_folder["first"]).Read());
        Assert.NotEqual(first.Read(), second.Read());
        Assert.Throws<IOException>(() => KeyFile.Create(_folder["first"]));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["first"]));
    }

    [Fact]
    public void A_key_file_that_others_may_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var key = KeyFile.Create(_folder["key"]);
#pragma warning disable CA1416 // Skipped there.
        File.SetUnixFileMode(_folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
#pragma warning restore CA1416

        var refusal = Refused(key);

        Assert.Contains("GroupRead", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(chmod 600 ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no base64!")]
    [InlineData("c2hvcnQ=")]
    public void A_file_that_holds_no_key_is_refused_without_showing_it(string text)
    {
        KeyFile.Create(_folder["key"]);
        File.WriteAllText(_folder["key"], text);

        var refusal = Refused(new KeyFile(_folder["key"]));

        Assert.Contains(_folder["key"], refusal.Message, StringComparison.Ordinal);
        if (text.Length > 0)
            Assert.DoesNotContain(text, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_is_read_from_the_folder_that_systemd_names()
    {
        var key = KeyFile.Create(_folder["samples-key"]);
        string? before = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        try
        {
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", _folder.Path);
            Assert.Equal(key.Read(), new SystemdCredential("samples-key").Read());
            Assert.Contains("other", Refused(new SystemdCredential("other")).Message, StringComparison.Ordinal);
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", null);
            Assert.Contains("LoadCredentialEncrypted", Refused(new SystemdCredential("samples-key")).Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", before);
        }
    }

    [Fact]
    public void A_key_that_Windows_protects_is_opened_there_and_refused_elsewhere()
    {
        if (OperatingSystem.IsWindows())
        {
            byte[] key = WindowsProtectedKey.Create(_folder["key"]).Read();
            Assert.Equal(32, key.Length);
            Assert.Equal(key, new WindowsProtectedKey(_folder["key"]).Read());
            return;
        }

        Assert.Throws<PlatformNotSupportedException>(() => WindowsProtectedKey.Create(_folder["key"]));
        Assert.Contains("Only Windows", Refused(new WindowsProtectedKey(_folder["key"])).Message, StringComparison.Ordinal);
    }

    private static SampleStoreException Refused(ISampleKeySource source)
    {
        var refusal = Assert.Throws<SampleStoreException>(source.Read);
        Assert.Equal(SampleStoreProblem.Key, refusal.Problem);
        return refusal;
    }
}
