namespace OrtAdaMomentum.Personalization;

/// <summary>What an archive may have. One that has more is refused whole.</summary>
public sealed class SampleImportOptions
{
    /// <summary>Most samples, 1 or more. Default: 1000000.</summary>
    public long MaximumSamples { get; set; } = 1_000_000;

    /// <summary>Most bytes of the archive, 1 or more. Default: 16 GiB.</summary>
    public long MaximumBytes { get; set; } = 16L << 30;

    /// <summary>Most bytes of a sample, also when it is decompressed, 1 or more. Default: 64 MiB.</summary>
    public int MaximumSampleBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Looks at each sample before any is added, and throws if it does not fit, such as <see cref="ISampleIngest.Check"/> does. Null looks at none.
    /// </summary>
    public Action<Sample>? Check { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumSamples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumSampleBytes, 1);
    }
}
