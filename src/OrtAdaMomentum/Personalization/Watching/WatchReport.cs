namespace OrtAdaMomentum.Personalization;

/// <summary>What is known of the served version from its use.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Until">Until when it is watched; null where it is not, or not any more.</param>
/// <param name="Feedback">What was reported of it.</param>
/// <param name="Parent">What was reported of its parent; null for a base model.</param>
/// <param name="Samples">What it and its parent scored on the samples that came in since.</param>
/// <param name="Labels">What it scored on samples that it answered and whose target came later.</param>
/// <param name="ParentLabels">The same of its parent; null for a base model.</param>
/// <param name="RolledBackFrom">Id of the version that was left for this one because it did worse; null where that was not so.</param>
public sealed record WatchReport(
    string Version, DateTimeOffset? Until, FeedbackSummary Feedback, FeedbackSummary? Parent, PairedSummary Samples, FeedbackSummary Labels, FeedbackSummary? ParentLabels,
    string? RolledBackFrom);

/// <summary>Reports about a version.</summary>
/// <param name="Count">Number of the latest reports that count.</param>
/// <param name="Mean">Mean of their scores; NaN where there are none.</param>
public sealed record FeedbackSummary(int Count, double Mean);

/// <summary>Scores of a version and its parent on the same samples.</summary>
/// <param name="Count">Number of the latest samples that count.</param>
/// <param name="Mean">Mean score of the version; NaN where there are no samples.</param>
/// <param name="ParentMean">Mean score of its parent.</param>
public sealed record PairedSummary(int Count, double Mean, double ParentMean);
