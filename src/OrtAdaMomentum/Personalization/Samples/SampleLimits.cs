namespace OrtAdaMomentum.Personalization;

/// <summary>How much a store keeps. What is over a limit goes, the oldest first, but nothing that a snapshot holds.</summary>
/// <param name="Count">Most samples, 1 or more.</param>
/// <param name="Bytes">Most bytes of all samples together, without what the file needs beside them.</param>
/// <param name="Age">How long a sample is kept; null for ever.</param>
public sealed record SampleLimits(int Count, long Bytes = long.MaxValue, TimeSpan? Age = null)
{
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Bytes, 1);
        if (Age is { } age)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(Age));
    }
}
