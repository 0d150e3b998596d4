namespace OrtAdaMomentum.Personalization;

/// <summary>Where the key of the samples comes from.</summary>
public enum EncryptionSource
{
    /// <summary>Samples are not encrypted.</summary>
    None,

    /// <summary>A file; see <see cref="KeyFile"/>.</summary>
    KeyFile,

    /// <summary>A credential of systemd; see <see cref="OrtAdaMomentum.Personalization.SystemdCredential"/>.</summary>
    SystemdCredential,

    /// <summary>A file that Windows protects; see <see cref="WindowsProtectedKey"/>.</summary>
    Dpapi,
}
