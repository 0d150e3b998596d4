namespace OrtAdaMomentum.Personalization;

/// <summary>How many samples a store has.</summary>
/// <param name="Training">Those to learn from.</param>
/// <param name="HeldOut">Those to measure on.</param>
/// <param name="New">Those, of either role, that no run has used yet or is using.</param>
/// <param name="Unlabelled">Those of which the target is not known yet; they are of neither role, and not new.</param>
/// <param name="Damaged">Those that cannot be read any more; they are not used, and the first to go when the store is full.</param>
public readonly record struct SampleCounts(int Training, int HeldOut, int New, int Unlabelled = 0, int Damaged = 0)
{
    /// <summary>All.</summary>
    public int Total => Training + HeldOut + Unlabelled + Damaged;

    internal SampleCounts Plus(SampleCounts other) =>
        new(Training + other.Training, HeldOut + other.HeldOut, New + other.New, Unlabelled + other.Unlabelled, Damaged + other.Damaged);
}
