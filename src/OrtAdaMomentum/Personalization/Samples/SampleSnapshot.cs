namespace OrtAdaMomentum.Personalization;

/// <summary>The samples of one run, all of which have a target. A store may read them only when they are asked for, until it is given up.</summary>
/// <param name="Id">What the store finds them by.</param>
/// <param name="Training">Those to learn from, in a fixed order.</param>
/// <param name="HeldOut">Those to measure on.</param>
public sealed record SampleSnapshot(string Id, IReadOnlyList<Sample> Training, IReadOnlyList<Sample> HeldOut)
{
    /// <summary>What is wrong with samples that were left out because they cannot be read, one message for each.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];
}
