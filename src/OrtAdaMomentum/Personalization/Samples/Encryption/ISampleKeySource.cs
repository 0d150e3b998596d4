namespace OrtAdaMomentum.Personalization;

/// <summary>Where the key comes from that samples are encrypted with.</summary>
public interface ISampleKeySource
{
    /// <summary>What it is, for messages, such as the path of a file.</summary>
    string Description { get; }

    /// <summary>Reads the key, 32 bytes. Called whenever the store is opened.</summary>
    /// <exception cref="SampleStoreException">The key is missing or cannot be used; the message says what to do.</exception>
    byte[] Read();
}
