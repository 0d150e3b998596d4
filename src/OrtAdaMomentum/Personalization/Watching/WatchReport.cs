namespace OrtAdaMomentum.Personalization;

/// <summary>What is known of the served version from its use.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Until">Until when it is watched; null where it is not, or not any more.</param>
/// <param name="Feedback">Its reports.</param>
/// <param name="Parent">The reports about its parent; null for a base model.</param>
/// <param name="RolledBackFrom">Id of the version that was left for this one because it did worse; null where that was not so.</param>
public sealed record WatchReport(string Version, DateTimeOffset? Until, FeedbackSummary Feedback, FeedbackSummary? Parent, string? RolledBackFrom);

/// <summary>Reports about a version.</summary>
/// <param name="Count">Number of the latest reports that count.</param>
/// <param name="Mean">Mean of their scores; NaN where there are none.</param>
public sealed record FeedbackSummary(int Count, double Mean);
