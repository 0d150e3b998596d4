namespace OrtAdaMomentum.Personalization;

/// <summary>How the content of stored samples is made smaller. A sample that does not become smaller is stored as it is.</summary>
public enum SampleCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Brotli (RFC 7932), quick and small.</summary>
    Brotli,

    /// <summary>ZLib (RFC 1950).</summary>
    ZLib,
}
