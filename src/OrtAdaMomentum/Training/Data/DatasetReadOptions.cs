namespace OrtAdaMomentum.Training.Data;

/// <summary>How data files are read. A data file is untrusted input; sizes are checked before memory is taken.</summary>
public sealed record DatasetReadOptions
{
    /// <summary>The options used when none are given.</summary>
    public static DatasetReadOptions Default { get; } = new();

    /// <summary>Most bytes that all tensors read from one source may take in memory, decompressed.</summary>
    public long MaxBytes { get; init; } = 2L << 30;

    /// <summary>Whether inputs stored as unsigned bytes (images, mostly) are divided by 255 where the model takes floating point numbers.</summary>
    public bool ScaleBytes { get; init; }
}
