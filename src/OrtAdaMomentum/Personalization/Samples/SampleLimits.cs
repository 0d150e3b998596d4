namespace OrtAdaMomentum.Personalization;

/// <summary>How much a store keeps. What is over a limit goes, but nothing that a snapshot holds.</summary>
/// <param name="Count">Most samples, 1 or more.</param>
/// <param name="Bytes">Most bytes of all samples together, without what the file needs beside them.</param>
/// <param name="Age">How long a sample is kept; null for ever.</param>
public sealed record SampleLimits(int Count, long Bytes = long.MaxValue, TimeSpan? Age = null)
{
    /// <summary>Most samples without a target, 0 or more; they count towards <see cref="Count"/> too. Default: a quarter of it.</summary>
    public int Unlabelled { get; init; } = (int)Math.Ceiling(Count / 4.0);

    /// <summary>Which samples go first. Default: the oldest.</summary>
    public RetentionStrategy Retention { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Bytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Unlabelled);
        if (Age is { } age)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(Age));
        if (!Enum.IsDefined(Retention))
            throw new ArgumentOutOfRangeException(nameof(Retention), Retention, "There is no such strategy.");
    }
}
