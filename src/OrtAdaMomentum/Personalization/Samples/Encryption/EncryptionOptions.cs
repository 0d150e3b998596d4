namespace OrtAdaMomentum.Personalization;

/// <summary>Encryption of the stored samples (AES-256-GCM). A change needs a restart.</summary>
public sealed class EncryptionOptions
{
    /// <summary>Where the key comes from. Default: samples are not encrypted.</summary>
    public EncryptionSource Source { get; set; }

    /// <summary>The key's file, for <see cref="EncryptionSource.KeyFile"/> and <see cref="EncryptionSource.Dpapi"/>.</summary>
    public string? Path { get; set; }

    /// <summary>The key's name, for <see cref="EncryptionSource.SystemdCredential"/>.</summary>
    public string? Name { get; set; }

    internal ISampleKeySource? CreateKeySource() => Source switch
    {
        EncryptionSource.KeyFile => new KeyFile(Path!),
        EncryptionSource.SystemdCredential => new SystemdCredential(Name!),
        EncryptionSource.Dpapi => new WindowsProtectedKey(Path!),
        _ => null,
    };

    internal bool IsSame(EncryptionOptions other) => (Source, Path, Name) == (other.Source, other.Path, other.Name);

    internal static void Check(List<string> problems, EncryptionOptions? options)
    {
        if (options is null)
        {
            problems.Add("Encryption must be given.");
            return;
        }

        if (!Enum.IsDefined(options.Source))
            problems.Add($"Encryption:Source must be one of {string.Join(", ", Enum.GetNames<EncryptionSource>())}, was {(int)options.Source}.");
        if (options.Source is EncryptionSource.KeyFile or EncryptionSource.Dpapi && string.IsNullOrWhiteSpace(options.Path))
            problems.Add($"Encryption:Path must be given for {options.Source}.");
        if (options.Source == EncryptionSource.Dpapi && !OperatingSystem.IsWindows())
            problems.Add("Encryption:Source must not be Dpapi, which only Windows has, on this machine.");
        if (options.Source == EncryptionSource.SystemdCredential && !IsName(options.Name))
            problems.Add($"Encryption:Name must be a file name without folders for SystemdCredential, was '{options.Name}'.");
    }

    private static bool IsName(string? name) => !string.IsNullOrWhiteSpace(name) && name == System.IO.Path.GetFileName(name) && name is not ("." or "..");
}
