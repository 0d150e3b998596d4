namespace OrtAdaMomentum.Personalization;

/// <summary>What the watch knows, as it is kept in the data folder.</summary>
/// <param name="Version">The version that is served.</param>
/// <param name="Since">Since when it is watched; null where it is not.</param>
/// <param name="RolledBackFrom">The version that was left for it because it did worse.</param>
/// <param name="Seed">What the marks of samples are made with.</param>
/// <param name="Seen">How much came in since it is served.</param>
/// <param name="Reports">The latest reported scores of it and of its parent, by version.</param>
/// <param name="Labels">The latest scores of answers whose target came later, by version.</param>
/// <param name="Samples">The latest scores on samples that both were asked.</param>
internal sealed record WatchState(
    string Version,
    DateTimeOffset? Since,
    string? RolledBackFrom,
    long Seed,
    EvidenceCounts Seen,
    IReadOnlyDictionary<string, IReadOnlyList<MarkedScore<double>>>? Reports,
    IReadOnlyDictionary<string, IReadOnlyList<MarkedScore<double>>>? Labels,
    IReadOnlyList<MarkedScore<ScorePair>>? Samples);
