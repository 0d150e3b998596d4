namespace OrtAdaMomentum.Personalization;

/// <summary>Which of the samples that runs have used before are part of a snapshot. New samples always are.</summary>
/// <param name="MaximumOld">Most of them, 0 or more.</param>
/// <param name="Strategy">Which.</param>
/// <param name="Seed">Decides the choice where it is by chance: the same seed chooses the same of the same samples.</param>
public sealed record SampleSelection(int MaximumOld, ReplayStrategy Strategy, ulong Seed)
{
    /// <summary>All of them.</summary>
    public static SampleSelection All { get; } = new(int.MaxValue, ReplayStrategy.Newest, 0);
}
