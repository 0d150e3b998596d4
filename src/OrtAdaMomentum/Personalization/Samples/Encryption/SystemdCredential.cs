namespace OrtAdaMomentum.Personalization;

/// <summary>
/// A key that systemd gives the service (<c>LoadCredentialEncrypted=</c> in its unit), so that it lies on the disk only as what the machine's TPM or
/// host key opens.
/// </summary>
/// <param name="name">Name of the credential.</param>
public sealed class SystemdCredential(string name) : ISampleKeySource
{
    private const string Variable = "CREDENTIALS_DIRECTORY";

    /// <inheritdoc/>
    public string Description => $"credential '{name}'";

    /// <inheritdoc/>
    public byte[] Read()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            throw SampleKeyText.Missing(Description, $"{Variable} is not set. Run the service under systemd with LoadCredentialEncrypted={name}:FILE in its unit.");
        return SampleKeyText.Parse(SampleKeyText.ReadFile(Path.Combine(folder, name), Description), Description);
    }
}
