namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Signs the versions that the service stores and checks them whenever they are loaded, so that a model which somebody else put into the folder is not
/// served. Who can write the folder can still make another signed version the current one. Safe for use from several threads at once.
/// </summary>
public interface IModelSigner
{
    /// <summary>Signs a model.</summary>
    /// <param name="hash">SHA-256 of the model file, 32 bytes.</param>
    string Sign(ReadOnlySpan<byte> hash);

    /// <summary>Whether a signature is one of this model.</summary>
    /// <param name="hash">SHA-256 of the model file, 32 bytes.</param>
    /// <param name="signature">What <see cref="Sign"/> gave for it, or what stands in its place now.</param>
    bool Verify(ReadOnlySpan<byte> hash, string signature);

    /// <summary>Whether the file of a base model may be used, for instance because a vendor's signature lies beside it. All may by default.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hash">SHA-256 of it, 32 bytes.</param>
    bool IsTrusted(string path, ReadOnlySpan<byte> hash) => true;
}
