namespace OrtAdaMomentum.Personalization;

/// <summary>How the content of stored samples is made smaller. A sample that does not become smaller is stored as it is.</summary>
public enum SampleCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Brotli (RFC 7932), the smaller of the two.</summary>
    Brotli,

    /// <summary>ZLib (RFC 1950), the quicker of the two.</summary>
    ZLib,
}
