namespace OrtAdaMomentum.Personalization;

/// <summary>What the watch knows, as it is kept in the data folder.</summary>
/// <param name="Version">The version that is served.</param>
/// <param name="Since">Since when it is watched; null where it is not.</param>
/// <param name="Looks">How often it was looked at.</param>
/// <param name="Seen">How many reports about it came in since.</param>
/// <param name="RolledBackFrom">The version that was left for it because it did worse.</param>
/// <param name="Scores">The latest scores of it and of its parent, by version.</param>
internal sealed record WatchState(
    string Version, DateTimeOffset? Since, int Looks, long Seen, string? RolledBackFrom, IReadOnlyDictionary<string, IReadOnlyList<double>> Scores);
