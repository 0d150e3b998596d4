using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>What is known of the served version and of its parent from their use.</summary>
internal sealed class WatchEvidence
{
    private readonly long _seed;

    /// <summary>Nothing is known yet.</summary>
    public WatchEvidence()
        : this(BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))))
    {
    }

    private WatchEvidence(long seed) => _seed = seed;

    /// <summary>What was reported of answers, by version.</summary>
    public Dictionary<string, ScoreWindow<double>> Reports { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>The scores of answers to samples whose target came later, by the version that answered.</summary>
    public Dictionary<string, ScoreWindow<double>> Labels { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>What both scored on samples that came in with their target.</summary>
    public ScoreWindow<ScorePair> Samples { get; private set; } = new([]);

    /// <summary>How much came in of each kind since the version is served.</summary>
    public EvidenceCounts Seen { get; set; }

    /// <summary>What was kept; the pairs only where it is still the same version that is served.</summary>
    public static WatchEvidence Of(WatchState state, bool isSameVersion)
    {
        return new WatchEvidence(state.Seed)
        {
            Reports = Windows(state.Reports),
            Labels = Windows(state.Labels),
            Samples = new ScoreWindow<ScorePair>(isSameVersion ? state.Samples ?? [] : []),
            Seen = isSameVersion ? state.Seen : default,
        };

        static Dictionary<string, ScoreWindow<double>> Windows(IReadOnlyDictionary<string, IReadOnlyList<MarkedScore<double>>>? scores) =>
            scores?.ToDictionary(static pair => pair.Key, static pair => new ScoreWindow<double>(pair.Value), StringComparer.Ordinal) ?? new(StringComparer.Ordinal);
    }

    /// <summary>As it is kept.</summary>
    public WatchState ToState(string version, DateTimeOffset? since, string? rolledBackFrom)
    {
        return new WatchState(version, since, rolledBackFrom, _seed, Seen, Lists(Reports), Lists(Labels), [.. Samples.Marked]);

        static Dictionary<string, IReadOnlyList<MarkedScore<double>>> Lists(Dictionary<string, ScoreWindow<double>> windows) =>
            windows.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<MarkedScore<double>>)[.. pair.Value.Marked]);
    }

    /// <summary>
    /// What a sample is known by. Not its key, which may be a name; the seed, which is another one in every file, keeps marks from being looked up in a list.
    /// </summary>
    public ulong MarkOf(string key) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key), _seed);

    /// <summary>The scores of a version.</summary>
    public static ScoreWindow<double> Of(Dictionary<string, ScoreWindow<double>> windows, string version)
    {
        if (!windows.TryGetValue(version, out var window))
            windows.Add(version, window = new ScoreWindow<double>([]));
        return window;
    }

    /// <summary>Another version is served.</summary>
    public void Begin() => (Seen, Samples) = (default, new ScoreWindow<ScorePair>([]));

    /// <summary>Forgets what is known of a version from earlier.</summary>
    public void Forget(string version)
    {
        Reports.Remove(version);
        Labels.Remove(version);
    }

    /// <summary>Forgets all but two versions.</summary>
    public void Keep(string version, string? parent)
    {
        foreach (string other in Reports.Keys.Concat(Labels.Keys).Where(other => other != version && other != parent).ToList())
            Forget(other);
    }
}

/// <summary>How much evidence of each kind came in.</summary>
/// <param name="Reports">Reports about the version.</param>
/// <param name="Labels">Targets that came later, of samples that it answered.</param>
/// <param name="Samples">Samples that it and its parent were both asked.</param>
internal readonly record struct EvidenceCounts(long Reports, long Labels, long Samples);
