namespace OrtAdaMomentum.Personalization;

/// <summary>What the watch knows, as it is kept in the data folder.</summary>
/// <param name="Version">The version that is served.</param>
/// <param name="Since">Since when it is watched; null where it is not.</param>
/// <param name="Seen">How many reports about it came in since.</param>
/// <param name="Compared">How many samples it and its parent were asked since.</param>
/// <param name="RolledBackFrom">The version that was left for it because it did worse.</param>
/// <param name="Scores">The latest reported scores of it and of its parent, by version.</param>
/// <param name="Pairs">The latest scores on samples.</param>
internal sealed record WatchState(
    string Version,
    DateTimeOffset? Since,
    long Seen,
    long Compared,
    string? RolledBackFrom,
    IReadOnlyDictionary<string, IReadOnlyList<double>> Scores,
    IReadOnlyList<ScorePair> Pairs);
