namespace OrtAdaMomentum.Personalization;

/// <summary>Whether a condition is met.</summary>
public enum ConditionState
{
    /// <summary>It is.</summary>
    Met,

    /// <summary>It is not: training pauses.</summary>
    NotMet,

    /// <summary>It cannot be told. <see cref="TrainingConditionOptions.UnknownBlocks"/> says what that means.</summary>
    Unknown,
}

/// <summary>What the check of a condition found.</summary>
/// <param name="State">Whether it is met.</param>
/// <param name="Reason">Why not, with the value seen and the bound, as part of a sentence; empty when it is met.</param>
public readonly record struct ConditionResult(ConditionState State, string Reason)
{
    /// <summary>A condition that is met.</summary>
    public static ConditionResult Met { get; } = new(ConditionState.Met, "");

    /// <summary>A condition that is not met.</summary>
    public static ConditionResult NotMet(string reason) => new(ConditionState.NotMet, reason);

    /// <summary>A condition that cannot be told.</summary>
    public static ConditionResult Unknown(string reason) => new(ConditionState.Unknown, reason);
}
