namespace OrtAdaMomentum.Personalization;

/// <summary>Why training may not go on.</summary>
/// <param name="Condition">Name of the condition; <c>manual</c> for a pause by hand, <c>settling</c> while conditions that are met again are waited for.</param>
/// <param name="Reason">What is wrong, with the value seen and the bound.</param>
public sealed record PauseReason(string Condition, string Reason)
{
    /// <summary>Name of the condition of a pause by hand.</summary>
    public const string Manual = "manual";

    /// <summary>Name of the condition that all others have been met for long enough.</summary>
    public const string Settling = "settling";
}
